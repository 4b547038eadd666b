// Accesses that are checked together: those that reach memory by one local, where the one is sure to follow the other.
//
//     p->first = 1;                  | check  p + 0 ... p + 12
//     p->second += p->third;         | four accesses
//
// The check stands before the first of them. It looks at the first and the last byte: two blocks are further apart than a group is long
// (src/wasm/debug/zones.h), so what is between those bytes is of the same block. Where it fails, each access of the group is looked at.

/** At most so many bytes: the zones between two blocks have 32. */
const MOST_BYTES = 32;

/**
 * @typedef {object} Member an access
 * @property {number} from its first byte, relative to the local, and
 * @property {number} to the byte behind its last
 * @property {number} site
 * @property {boolean} write
 * @property {boolean} aligned whether it is in one granule
 * @property {number | undefined} offset what the instruction adds to the address, if that is on top of the stack
 *
 * @typedef {object} Group
 * @property {number} at where in the new code the check goes
 * @property {number} local
 * @property {number} from of all members
 * @property {number} to
 * @property {Member[]} members
 */

export class Groups {
  /** Of the function at hand, in the order of the code. @type {Group[]} */
  all = [];
  /** Those that what comes next is sure to follow. @type {Group[]} */
  #open = [];

  reset() {
    this.all = [];
    this.close();
  }

  /** What comes next may not be reached, or memory may be another then: a call, a branch, a trap. */
  close() {
    this.#open.length = 0;
  }

  /** The local gets another value. @param {number} local */
  assign(local) {
    if (this.#open.length) this.#open = this.#open.filter((group) => group.local !== local);
  }

  /** Puts an access into a group that is open; false if none takes it. @param {number} local @param {Member} member */
  join(local, member) {
    const group = this.#open.find((one) => one.local === local && Math.max(one.to, member.to) - Math.min(one.from, member.from) <= MOST_BYTES);
    if (!group) return false;
    group.from = Math.min(group.from, member.from);
    group.to = Math.max(group.to, member.to);
    group.members.push(member);
    return true;
  }

  /** A group of one, so far. @param {number} at @param {number} local @param {Member} member @param {boolean} open whether others may join */
  begin(at, local, member, open) {
    const { from, to } = member,
      group = { at, local, from, to, members: [member] };
    this.all.push(group);
    if (open) this.#open.push(group);
  }
}

/** The access that has all bytes of a group, in one granule: it stands for the others. @param {Group} group */
export const widestOf = ({ from, to, members }) => members.find((member) => member.from === from && member.to === to && member.aligned);
