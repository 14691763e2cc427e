/**
 * A text whose control characters are shown instead of obeyed: what stands in a store, a file or a reason must not move the
 * cursor, hide a line or rename the window of whoever looks; nor may what overrides the direction of text show it in another
 * order than it has. They are written as JSON and YAML escape them. Line breaks and
 * tabs stay.
 *
 * @param hasColors whether the text was coloured by us: then the sequences that colour stay, too
 */
export function printable(text: string, hasColors = false): string {
  return text.replaceAll(controls, (found) => (hasColors && found.length > 1 ? found : escaped(found)));
}

const escaped = (text: string): string => `\\u${text.charCodeAt(0).toString(16).padStart(4, '0')}${text.slice(1)}`;

const controls =
  /\u001b\[\d{1,2}m|\r(?!\n)|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\u202a-\u202e\u2066-\u2069]/g;
