// Which functions get their checks written out instead of called. V8 inlines at most 60 calls into a function; in one with more checks
// than that, most stay calls, and such functions are often the loops that a program spends its time in. A check that is written out takes three times
// the bytes of a call, so this is done to the functions with most checks, while the code as a whole stays within its budget.

/** So many calls V8 inlines into a function. */
const INLINED_CALLS = 60;
/** How much the code may grow. */
const MOST_CODE = 1.6;
/** What a check takes beyond a call of it when it is written out, on average. */
const MORE_BYTES = 21;

/**
 * The functions whose checks are to be written out, by their place.
 * @param {number[]} checks of each function @param {number} codeBefore its bytes in the program @param {number} code its bytes with all checks called
 */
export const functionsToInline = (checks, codeBefore, code) => {
  let spare = MOST_CODE * codeBefore - code;
  const large = [...checks.keys()].filter((i) => checks[i] > INLINED_CALLS).sort((a, b) => checks[b] - checks[a]);
  return large.filter((i) => {
    const cost = checks[i] * MORE_BYTES,
      fits = cost <= spare;
    if (fits) spare -= cost;
    return fits;
  });
};
