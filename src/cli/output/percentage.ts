/** A percentage with as many digits as say something: `10 %`, `0.5 %`, `33.33 %`. */
export const percentage = (value: number): string => `${Number(value.toFixed(2))} %`;
