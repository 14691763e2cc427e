/** The picture of docs/watched-rollouts.md as SVG, from what the simulations recorded. */
export function drawRollouts(): string;
