// A reporter for node:test that stops the process at the first test that fails, and prints its name.

/** @param {AsyncIterable<{ type: string, data: { name: string, file?: string } }>} events */
export default async function* firstFailure(events) {
  for await (const { type, data } of events) {
    if (type !== 'test:fail') continue;
    process.stdout.write(data.name);
    process.exit(1);
  }
}
