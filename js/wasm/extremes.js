// The least and the most of numbers, however many: as arguments of Math.min and Math.max, some hundred thousand are too many for an engine.

/**
 * @param {number[]} numbers
 * @param {number} [none] where there are none
 */
export const least = (numbers, none = Infinity) => numbers.reduce((one, other) => Math.min(one, other), none);

/**
 * @param {number[]} numbers
 * @param {number} [none] where there are none
 */
export const most = (numbers, none = 0) => numbers.reduce((one, other) => Math.max(one, other), none);
