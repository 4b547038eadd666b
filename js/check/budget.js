// Which functions get their checks written out instead of called. V8 inlines a small function, but at most 60 calls into one function,
// with all that was inlined there; where there are more, the rest stay calls. A check that is written out is no call, and takes three times the
// bytes. So this is done where time is likely to be spent, while the code as a whole stays within its budget: functions that loop, and those called from loops.

/** How much the code may grow. */
const MOST_CODE = 1.6;
/** What a check takes beyond a call of it when it is written out, on average. */
const MORE_BYTES = 21;
/** With fewer checks than this a function is left to the engine. */
const FEW = 6;
/** A loop's code counts as if it ran so many times more than what is outside. */
const ROUNDS = 9;

/**
 * @typedef {object} Effort what a function is estimated by
 * @property {number} checks in it
 * @property {number} inLoops so many of them
 * @property {number} calls of it from loops, in the code of all functions
 */

/** How often the checks of a function may run, compared with another's. @param {Effort} effort */
const weightOf = ({ checks, inLoops, calls }) => (1 + calls) * (1 + (ROUNDS * inLoops) / checks);

/**
 * The functions whose checks are to be written out, by their place.
 * @param {Effort[]} efforts of each function @param {number} codeBefore its bytes in the program @param {number} code its bytes with all checks called
 */
export const functionsToInline = (efforts, codeBefore, code) => {
  let spare = MOST_CODE * codeBefore - code;
  const weights = efforts.map(weightOf);
  const wanted = [...efforts.keys()].filter((i) => efforts[i].checks >= FEW).sort((a, b) => weights[b] - weights[a]);
  return wanted.filter((i) => {
    const cost = efforts[i].checks * MORE_BYTES,
      fits = cost <= spare;
    if (fits) spare -= cost;
    return fits;
  });
};
