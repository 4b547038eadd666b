// What is known of the values on the stack while a function's code is read from top to bottom, and which addresses have been
// checked. It serves one question: can this access fail? Where nothing is known, a value is UNKNOWN, and the check stays.
//
//     CONSTANT v      a number
//     POINTER         the stack pointer that the caller left
//     FRAME d n       an address in this function's frame of n bytes: the caller's stack pointer + d
//     LOCAL l d       what local l is now, + d

export const UNKNOWN = 0,
  CONSTANT = 1,
  POINTER = 2,
  FRAME = 3,
  LOCAL = 4;

/** So many checked ranges are remembered; a function that touches more checks some of them again. */
const MOST = 64;

export class Values {
  /** The kinds on the stack, and what goes with them. */
  kinds = new Uint8Array(4096);
  first = new Float64Array(4096);
  second = new Float64Array(4096);
  top = 0;

  /**
   * Ranges that were checked: from a local's value + from up to its value + to. Not exactly: by a load that is let through when only
   * its first bytes are there.
   */
  checked = Array.from({ length: MOST }, () => ({ local: -1, from: 0, to: 0, exact: true }));
  count = 0;
  /** For each open block how many ranges were known before it. @type {number[]} */
  before = [];
  /** And from which one on they count: what was known before a loop may be gone in its second round. @type {number[]} */
  since = [];

  reset() {
    this.top = this.count = this.before.length = this.since.length = 0;
  }

  /** @param {number} kind @param {number} [first] @param {number} [second] */
  push(kind, first = 0, second = 0) {
    if (this.top === 4096) this.top = 0; // forgets: what is below counts as unknown
    this.kinds[this.top] = kind;
    this.first[this.top] = first;
    this.second[this.top++] = second;
  }

  /** The value popped is at `top`. Nothing known is below the bottom. @returns {number} its kind */
  pop() {
    if (this.top) return this.kinds[--this.top];
    return (this.kinds[0] = UNKNOWN);
  }

  /** @param {number} operands @param {number} results */
  replace(operands, results) {
    this.top = Math.max(0, this.top - operands);
    while (results--) this.push(UNKNOWN);
  }

  /** i32.add, or i32.sub where `sign` is -1. @param {1 | -1} sign */
  add(sign) {
    const kind = this.pop(),
      local = this.first[this.top],
      distance = this.second[this.top],
      value = sign * local;
    const below = this.pop(),
      first = this.first[this.top],
      second = this.second[this.top];
    if (below === CONSTANT && kind === LOCAL && sign > 0) this.push(LOCAL, local, distance + first);
    else if (kind !== CONSTANT) this.push(UNKNOWN);
    else if (below === LOCAL) this.push(LOCAL, first, second + value);
    else if (below === FRAME) this.push(FRAME, first + value, second);
    else if (below === POINTER && value < 0) this.push(FRAME, value, -value);
    else this.push(UNKNOWN);
  }

  /** Local `local` gets the value that is `kind first second`. @param {number} local @param {number} kind @param {number} first @param {number} second */
  assign(local, kind, first, second) {
    for (let i = 0; i < this.top; i++) if (this.kinds[i] === LOCAL && this.first[i] === local) this.kinds[i] = UNKNOWN;
    const { checked, count } = this;
    for (let i = 0; i < count; i++) if (checked[i].local === local) checked[i].local = -1;
    if (kind !== LOCAL || first === local) return;
    for (let i = this.since.at(-1) ?? 0; i < count; i++) {
      const { local: other, from, to, exact } = checked[i];
      if (other === first) this.remember(local, from - second, to - second, exact);
    }
  }

  /** @param {number} local @param {number} from @param {number} to @param {boolean} exact */
  remember(local, from, to, exact) {
    if (this.count === MOST) return;
    const range = this.checked[this.count++];
    range.local = local;
    range.from = from;
    range.to = to;
    range.exact = exact;
  }

  /**
   * Whether these bytes were checked already, on every way here. If not, they are now.
   * @param {number} local @param {number} from @param {number} to @param {boolean} exact
   */
  wasChecked(local, from, to, exact) {
    for (let i = this.since.at(-1) ?? 0; i < this.count; i++) {
      const range = this.checked[i];
      if (range.local !== local || range.from > from || range.to < to) continue;
      if (range.exact || (!exact && range.from === from && range.to === to)) return true;
    }
    this.remember(local, from, to, exact);
    return false;
  }

  /** What was checked may be freed now. */
  forget() {
    this.count = 0;
    this.before.fill(0);
    this.since.fill(0);
  }

  /** @param {boolean} loop */
  enter(loop) {
    this.top = 0;
    this.before.push(this.count);
    this.since.push(loop ? this.count : (this.since.at(-1) ?? 0));
  }

  /** The other branch of an `if`, or a handler: nothing that was checked in this block holds. */
  otherwise() {
    this.top = 0;
    this.count = Math.min(this.count, this.before.at(-1) ?? 0);
  }

  leave() {
    this.otherwise();
    this.before.pop();
    this.since.pop();
  }
}
