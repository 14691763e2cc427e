/** A whole number as people read it: `10,000`. */
export const whole = (count: number): string => count.toLocaleString('en-US');

/** A number of things in words: `1 error`, `3 errors`, `10,000 units`. */
export const counted = (count: number, what: string): string => `${whole(count)} ${what}${count === 1 ? '' : 's'}`;
