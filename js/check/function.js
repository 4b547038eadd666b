// One function, with a check before each access to memory that can fail:
//
//     load    [p]          ->  [p offset site] call load4  [p]  load
//     store   [p value]    ->  value aside; [p offset site] call store4  [p]; value back; store
//     copy    [to from n]  ->  all aside; range(to n), range(from n); all back; copy
//
// A site is where the instruction is in the original file. The engine validates what comes out; here only the numbers of
// operands count (values.js), and where they are wrong or unknown, a check too many or too few is the worst.

import { ACCESSES, I32, I64, OPERANDS, TRAPS } from './access.js';
import { CONSTANT, FRAME, LOCAL, POINTER, UNKNOWN, Values } from './values.js';
import { Groups } from './groups.js';
import { checkWriter, WHOLE_VALUES } from './writer.js';
import { immediatesOf, valueType } from '../wasm/format.js';
import { Output } from './output.js';
import {
  CALL,
  CALL_INDIRECT,
  CALL_REF,
  DROP,
  END,
  GLOBAL_GET,
  GLOBAL_SET,
  I32_CONST,
  I64_CONST,
  IF,
  LOCAL_GET,
  LOCAL_SET,
  LOCAL_TEE,
  LOOP,
  MEMORY_GROW,
  MEMORY_SIZE,
  REF_FUNC,
  RETURN_CALL,
  RETURN_CALL_INDIRECT,
  RETURN_CALL_REF,
} from '../wasm/instructions.js';
import { PAGE } from '../wasm/opcodes.js';

/** @typedef {import('../wasm/cursor.js').Cursor} Cursor */

const BLOCK = 0x02,
  ELSE = 0x05,
  TRY = 0x06,
  CATCH = 0x07,
  DELEGATE = 0x18,
  CATCH_ALL = 0x19,
  TRY_TABLE = 0x1f,
  SELECT = 0x1b,
  F32_CONST = 0x43,
  F64_CONST = 0x44,
  BR_IF = 0x0d,
  I32_ADD = 0x6a,
  I32_SUB = 0x6b,
  I64_ADD = 0x7c,
  I64_MUL = 0x7e,
  FIRST_PREFIX = 0xfb,
  LAST_PREFIX = 0xfe,
  FIRST_LANE = 3 * PAGE + 0x54,
  LAST_LANE = 3 * PAGE + 0x5b,
  BULK = 2 * PAGE,
  MEMORY_INIT = BULK + 8,
  MEMORY_COPY = BULK + 10,
  MEMORY_FILL = BULK + 11;

/** As many as engines take. */
const MOST_LOCALS = 50000;

/**
 * @typedef {object} Signature
 * @property {number} parameters
 * @property {number} results
 *
 * @typedef {object} Program what the rewriter has to know of the program, and of the functions that it calls
 * @property {boolean} is64 addresses are 64-bit
 * @property {Signature[]} types by type index; not for types that are no functions
 * @property {number[]} functions the type of each, imported and own
 * @property {(index: number) => number} newFunction the index that a function has in the result
 * @property {boolean[]} memories whether the addresses of each are 64-bit
 * @property {Record<string, number>} added the functions that checking adds, by name (shadow.js)
 * @property {number} stackPointer its global; -1: none known
 * @property {{ low: number, high: number } | undefined} stack where it may point
 * @property {{ from: number, to: number }} statics addresses that always may be touched
 * @property {Map<number, string>} ranges imported functions that touch a range of memory: for each operand 'r', 'w' or '-', the last one is the size
 * @property {import('./contexts.js').Contexts | undefined} contexts
 *
 * @typedef {object} Hints branches that are hardly ever taken
 * @property {number} index of the function, in the result
 * @property {number[]} offsets from the start of its locals
 *
 * @typedef {object} Rewritten a function
 * @property {number} start of it with its size, in the output, and
 * @property {number} end
 * @property {number} checks
 * @property {number} inLoops so many of them
 * @property {Hints | undefined} unlikely
 * @property {number[]} moved where instructions were, in the file, and are, in the output, in pairs; only if that is wanted
 *
 * @typedef {object} Choices
 * @property {number} shadow index of the shadow memory
 * @property {boolean} checks whether accesses are checked
 * @property {boolean} elide whether checks that can't fail are left out
 * @property {boolean} uninitialized whether loads of memory never written to are reported
 * @property {boolean} together whether neighbours are checked together
 */

/** A number that differs from site to site. @param {number} site */
const hash = (site) => {
  site = Math.imul(site ^ (site >>> 16), 0x85ebca6b);
  site = Math.imul(site ^ (site >>> 13), 0xc2b2ae35);
  return site ^ (site >>> 16);
};

/**
 * @param {Program} program
 * @param {Choices} choices
 * @param {Output} out
 * @param {boolean} wantMoved
 */
export const functionRewriter = (program, choices, out, wantMoved) => {
  const { is64, types, functions, stackPointer, statics, ranges, contexts, memories, newFunction } = program;
  const { checks, elide, uninitialized, together } = choices;
  /** Whether checks are written out in the function at hand. */
  const writes = { out: false };
  const A = is64 ? I64 : I32;
  const code = new Output(65536),
    head = new Output(64),
    values = new Values(),
    groups = new Groups();
  const counts = { accesses: 0, checked: 0, checks: 0, 'in the frame': 0, constant: 0, 'checked before': 0 };
  /** Groups of more than one access, by the site of the first; only if it is wanted where instructions are. @type {Map<number, import('./groups.js').Group>} */
  const grouped = new Map();
  /** How often each function is called from a loop, as the code has it. */
  const calledInLoops = new Uint32Array(functions.length);
  /** For each open block, whether it is a loop; and how many are. @type {boolean[]} */
  const blocks = [];
  let loops = 0,
    inLoops = 0;

  /** The function at hand: how many locals it has, those added to it by key, and its own that keep one known value. */
  let locals = 0;
  /** @type {Map<string, number>} */
  const extra = new Map();
  /** @type {number[]} */
  let extraTypes = [];
  /** @type {Map<number, { kind: number, first: number, second: number }>} */
  const constant = new Map();
  /** How often each local is assigned; counted when it first matters. @type {Uint16Array | undefined} */
  let assigned;

  /** A local of a type that is ours; `slot` tells several apart. @param {number} type @param {string} [slot] */
  const aside = (type, slot = '') => {
    const key = type + slot;
    let local = extra.get(key);
    if (local === undefined) {
      extra.set(key, (local = locals + extraTypes.length));
      extraTypes.push(type);
    }
    return local;
  };

  /** Where checks branch in the function at hand. @type {number[]} */
  const hints = [];
  const { put, call, check, checkGroup, checkRange, checkValue, checkStack } = checkWriter(program, choices.shadow, { code, hints, writes, aside });

  /** @param {Cursor} cursor @param {number} end @param {(opcode: number) => boolean} visit past the opcode; false: skips the immediates */
  const walk = (cursor, end, visit) => {
    const { bytes } = cursor;
    while (cursor.at < end) {
      const opcode = bytes[cursor.at++];
      if (!visit(opcode)) immediatesOf(cursor, opcode);
    }
  };

  /** @param {Cursor} cursor @param {number} type @returns {Signature} */
  const signature = (cursor, type) => types[type] ?? cursor.refuse(`type ${type} is no function's`);

  /** @param {Cursor} cursor @param {number} start of the function's code @param {number} end */
  const countAssignments = (cursor, start, end) => {
    const { at } = cursor,
      counted = new Uint16Array(locals);
    cursor.at = start;
    walk(cursor, end, (opcode) => {
      if (opcode !== LOCAL_SET && opcode !== LOCAL_TEE) return false;
      counted[cursor.number()]++;
      return true;
    });
    cursor.at = at;
    return counted;
  };

  /**
   * Whether an access can't fail. @param {number} kind @param {number} first @param {number} second of the address
   * @param {number} offset @param {number} bytes @param {boolean} exact
   */
  const isSafe = (kind, first, second, offset, bytes, exact) => {
    if (!elide) return false;
    const from = (kind === LOCAL ? second : first) + offset,
      to = from + bytes;
    if (kind === FRAME) return from >= -second && to <= 0 && ++counts['in the frame'] > 0;
    if (kind === CONSTANT) return first >= 0 && from >= statics.from && to <= statics.to && ++counts.constant > 0;
    return kind === LOCAL && values.wasChecked(first, from, to, exact) && ++counts['checked before'] > 0;
  };

  /** Puts the checks of the groups into the function's code. */
  const weave = () => {
    if (!groups.all.length) return;
    const drafted = hints.splice(0),
      draft = code.written().slice();
    code.length = 0;
    let copied = 0,
      hint = 0,
      pair = 1;
    /** @param {number} to */
    const copyTo = (to) => {
      const shift = code.length - copied;
      for (; drafted[hint] < to; hint++) hints.push(drafted[hint] + shift);
      for (; moved[pair] < to; pair += 2) moved[pair] += shift;
      code.copy(draft, copied, to);
      copied = to;
    };
    for (const group of groups.all) {
      copyTo(group.at);
      checkGroup(group);
      if (wantMoved && group.members.length > 1) grouped.set(group.members[0].site, group);
    }
    copyTo(draft.length);
  };

  /** What the function at hand was copied up to. */
  let copied = 0;
  /** The file. @type {Uint8Array} */
  let bytes = new Uint8Array(0);
  /** @type {number[]} */
  let moved = [];

  /** What comes next in the result was at `at`. @param {number} at */
  const mark = (at) => wantMoved && moved.push(at, code.length);

  /** What comes before `to` is as it was. @param {number} to */
  const upTo = (to) => {
    if (to === copied) return;
    mark(copied);
    code.copy(bytes, copied, to);
    copied = to;
  };

  /** An instruction with another index. @param {number} site @param {number} end @param {number} opcode @param {number} index */
  const instead = (site, end, opcode, index) => {
    upTo(site);
    mark(site);
    code.unsigned(opcode, index);
    copied = end;
  };

  /** The context of a call from here: three times the function's own, plus a number for the site. @param {number} own the local that has the function's @param {number} site */
  const putContext = (own, site) => {
    code.unsigned(LOCAL_GET, own);
    code.put(I64_CONST, 3, I64_MUL);
    code.signed(I64_CONST, hash(site));
    put(I64_ADD);
  };

  /**
   * Writes the body of a function, with its size.
   * @param {Cursor} cursor on its locals, in the whole file @param {number} end @param {number} index of the function
   * @param {boolean} writtenOut the check of a granule is written out, not called
   * @returns {Rewritten}
   */
  const rewrite = (cursor, end, index, writtenOut) => {
    ({ bytes } = cursor);
    writes.out = writtenOut;
    const { parameters } = signature(cursor, functions[index]),
      localGroups = cursor.number(),
      groupsAt = cursor.at;
    locals = parameters;
    for (let i = localGroups; i--;) {
      locals += cursor.number();
      valueType(cursor);
    }
    if (locals > MOST_LOCALS) cursor.refuse(`${locals} locals`, groupsAt);
    const codeAt = (copied = cursor.at);
    extra.clear();
    extraTypes = [];
    constant.clear();
    assigned = undefined;
    values.reset();
    groups.reset();
    code.length = hints.length = 0;
    blocks.length = loops = inLoops = 0;
    moved = [];
    const start = out.length,
      checksBefore = counts.checks;
    const context = contexts && contexts.reach[index] ? aside(I64, 'context') : -1;
    if (contexts && context >= 0) {
      code.unsigned(GLOBAL_GET, contexts.global);
      code.unsigned(LOCAL_SET, context);
      code.put(I64_CONST, 0); // so that a call from JavaScript, later, begins anew
      code.unsigned(GLOBAL_SET, contexts.global);
    }

    const countCheck = () => {
      counts.checks++;
      if (loops) inLoops++;
    };

    /** @param {number} local @param {import('./groups.js').Member} member */
    const onLocalAddress = (local, member) => {
      if (groups.join(local, member)) return;
      upTo(member.site);
      countCheck();
      groups.begin(code.length, local, member, together);
    };

    /** @param {import('./access.js').Access} access @param {number} opcode @param {number} site */
    const onAccess = (access, opcode, site) => {
      const flags = cursor.number(),
        memory = flags & 0x40 ? cursor.number() : 0,
        offset = cursor.wide(),
        { above, write } = access;
      if (opcode >= FIRST_LANE && opcode <= LAST_LANE) cursor.skip(1);
      counts.accesses++;
      above.forEach(() => values.pop());
      const kind = values.pop(),
        first = values.first[values.top],
        second = values.second[values.top];
      if (access.result) values.push(UNKNOWN);
      if (memory) return;
      if (checks && !isSafe(kind, first, second, offset, access.bytes, write || access.bytes !== 4)) {
        const { bytes } = access,
          aligned = bytes <= Math.min(8, 2 ** (flags & 0x3f)),
          from = second + offset;
        counts.checked++;
        if (kind === LOCAL) onLocalAddress(first, { from, to: from + bytes, site, write, aligned, offset: above.length ? undefined : offset });
        else {
          upTo(site);
          countCheck();
          for (let i = above.length; i--;) code.unsigned(LOCAL_SET, aside(above[i], `above${i}`));
          check(access, offset, aligned, site);
          above.forEach((type, i) => code.unsigned(LOCAL_GET, aside(type, `above${i}`)));
        }
      }
      if (uninitialized && WHOLE_VALUES[opcode] && kind !== FRAME && kind !== CONSTANT) {
        upTo(site);
        code.unsigned(LOCAL_TEE, aside(A, 'address'));
        upTo(cursor.at);
        checkValue(opcode, offset, access.bytes, site);
      }
    };

    /** @param {number} opcode @param {number} site */
    const onCall = (opcode, site) => {
      const indirect = opcode === CALL_INDIRECT || opcode === RETURN_CALL_INDIRECT,
        called = cursor.number();
      if (indirect) {
        cursor.number();
        values.pop();
      }
      const { parameters, results } = signature(cursor, indirect ? called : functions[called]),
        operands = indirect ? undefined : ranges.get(called);
      values.replace(parameters, results);
      values.forget();
      groups.close();
      if (operands && checks) {
        upTo(site);
        checkRange(operands, [A, operands[1] === '-' ? I32 : A, A], site);
      }
      if (contexts && context >= 0 && (indirect || contexts.reach[called])) {
        upTo(site);
        putContext(context, site);
        if (!indirect && contexts.allocators.has(called)) call('at');
        else code.unsigned(GLOBAL_SET, contexts.global);
      }
      if (indirect) return;
      if (loops) calledInLoops[called]++;
      instead(site, cursor.at, opcode, newFunction(called));
    };

    /** @param {number} opcode @param {number} site */
    const onBulk = (opcode, site) => {
      if (opcode === MEMORY_INIT) cursor.number();
      const to = cursor.number(),
        from = opcode === MEMORY_COPY ? cursor.number() : -1;
      values.replace(3, 0);
      groups.close();
      const operands = (to ? '-' : 'w') + (from ? '-' : 'r') + '-';
      if (!checks || operands === '---') return;
      /** @param {number} memory */
      const address = (memory) => (memories[memory] ? I64 : I32);
      const size = from < 0 ? (opcode === MEMORY_INIT ? I32 : address(to)) : memories[to] && memories[from] ? I64 : I32;
      upTo(site);
      checkRange(operands, [address(to), from < 0 ? I32 : address(from), size], site);
    };

    /** @param {number} opcode */
    const onLocal = (opcode) => {
      const local = cursor.number();
      if (opcode === LOCAL_GET) {
        const { kind, first, second } = constant.get(local) ?? { kind: LOCAL, first: local, second: 0 };
        return values.push(kind, first, second);
      }
      const kind = values.pop(),
        first = values.first[values.top],
        second = values.second[values.top];
      values.assign(local, kind, first, second);
      groups.assign(local);
      constant.delete(local);
      const keeps =
        elide &&
        !blocks.length &&
        local >= parameters &&
        (kind === CONSTANT || kind === POINTER || kind === FRAME) &&
        (assigned ??= countAssignments(cursor, codeAt, end))[local] === 1;
      if (keeps) constant.set(local, { kind, first, second });
      if (opcode === LOCAL_TEE) keeps ? values.push(kind, first, second) : values.push(LOCAL, local);
    };

    /** @param {number} opcode @param {number} site */
    const onGlobal = (opcode, site) => {
      const global = cursor.number();
      if (opcode === GLOBAL_GET) return values.push(global === stackPointer && !blocks.length ? POINTER : UNKNOWN);
      if (values.pop() !== FRAME || global !== stackPointer || values.first[values.top] >= 0 || !checks) return;
      upTo(cursor.at);
      checkStack(values.second[values.top], site);
    };

    walk(cursor, end, (opcode) => {
      const site = cursor.at - 1;
      if (opcode >= FIRST_PREFIX && opcode <= LAST_PREFIX) {
        const { at } = cursor,
          long = (opcode - FIRST_PREFIX + 1) * PAGE + cursor.number(),
          access = ACCESSES[long];
        if (access) onAccess(access, long, site);
        else if (long === MEMORY_INIT || long === MEMORY_COPY || long === MEMORY_FILL) onBulk(long, site);
        else {
          cursor.at = at;
          if (long >= BULK && long < MEMORY_INIT)
            values.replace(1, 1); // saturating conversions
          else {
            values.reset(); // what is not followed
            groups.close();
          }
          return false;
        }
        return true;
      }
      const access = ACCESSES[opcode];
      if (access) onAccess(access, opcode, site);
      else if (opcode === I32_ADD) values.add(1);
      else if (opcode === I32_SUB) values.add(-1);
      else if (OPERANDS[opcode]) {
        values.replace(OPERANDS[opcode], 1);
        if (TRAPS[opcode]) groups.close();
      } else {
        switch (opcode) {
          case LOCAL_GET:
          case LOCAL_SET:
          case LOCAL_TEE:
            onLocal(opcode);
            break;
          case GLOBAL_GET:
          case GLOBAL_SET:
            onGlobal(opcode, site);
            break;
          case I32_CONST:
            values.push(CONSTANT, cursor.signed() | 0);
            break;
          case CALL:
          case RETURN_CALL:
          case CALL_INDIRECT:
          case RETURN_CALL_INDIRECT:
            onCall(opcode, site);
            break;
          case REF_FUNC: {
            const called = cursor.number();
            instead(site, cursor.at, opcode, newFunction(called));
            values.push(UNKNOWN);
            break;
          }
          case MEMORY_GROW:
            values.replace(1, 1);
            groups.close();
            if (cursor.number() || !checks) break;
            upTo(site);
            code.unsigned(LOCAL_TEE, aside(A, 'more'));
            upTo(cursor.at);
            code.unsigned(LOCAL_GET, aside(A, 'more'));
            call('grown');
            break;
          case END:
          case DELEGATE:
            values.leave();
            groups.close();
            if (blocks.pop()) loops--;
            return false;
          case BLOCK:
          case LOOP:
          case IF:
          case TRY:
          case TRY_TABLE:
            values.enter(opcode === LOOP);
            if (opcode !== BLOCK) groups.close();
            blocks.push(opcode === LOOP);
            if (opcode === LOOP) loops++;
            return false;
          case ELSE:
            values.otherwise();
            groups.close();
            return false;
          case CATCH:
          case CATCH_ALL:
            values.otherwise();
            values.forget();
            groups.close();
            return false;
          case CALL_REF:
          case RETURN_CALL_REF:
            values.top = 0;
            values.forget();
            groups.close();
            return false;
          case DROP:
            values.pop();
            return false;
          case BR_IF:
            values.pop();
            groups.close();
            return false;
          case SELECT:
            values.replace(3, 1);
            return false;
          case I64_CONST:
          case F32_CONST:
          case F64_CONST:
          case MEMORY_SIZE:
            values.push(UNKNOWN);
            return false;
          default:
            values.top = 0;
            groups.close();
            return false;
        }
      }
      return true;
    });
    upTo(end);
    weave();

    head.length = 0;
    head.number(localGroups + extraTypes.length);
    head.copy(bytes, groupsAt, codeAt);
    for (const type of extraTypes) head.put(1, type);
    out.number(head.length + code.length);
    out.copy(head.bytes, 0, head.length);
    for (let i = 1; i < moved.length; i += 2) moved[i] += out.length;
    out.copy(code.bytes, 0, code.length);
    const unlikely = hints.length ? { index: newFunction(index), offsets: hints.map((at) => head.length + at) } : undefined;
    return { start, end: out.length, checks: counts.checks - checksBefore, inLoops, unlikely, moved };
  };
  return { rewrite, counts, grouped, calledInLoops };
};
