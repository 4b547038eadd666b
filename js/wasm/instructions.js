// The bytes of the instructions that somebody reads or writes by name; opcodes.js has the immediates of all.

export const UNREACHABLE = 0x00;
export const LOOP = 0x03;
export const IF = 0x04;
export const END = 0x0b;
export const RETURN = 0x0f;
export const CALL = 0x10;
export const CALL_INDIRECT = 0x11;
export const RETURN_CALL = 0x12;
export const RETURN_CALL_INDIRECT = 0x13;
export const CALL_REF = 0x14;
export const RETURN_CALL_REF = 0x15;
export const DROP = 0x1a;
export const LOCAL_GET = 0x20;
export const LOCAL_SET = 0x21;
export const LOCAL_TEE = 0x22;
export const GLOBAL_GET = 0x23;
export const GLOBAL_SET = 0x24;
export const I32_LOAD = 0x28; // the first of the loads
export const I64_LOAD32_U = 0x35; // the last
export const MEMORY_SIZE = 0x3f;
export const MEMORY_GROW = 0x40;
export const I32_CONST = 0x41;
export const I64_CONST = 0x42;
export const I32_AND = 0x71;
export const I32_OR = 0x72;
export const REF_FUNC = 0xd2;
