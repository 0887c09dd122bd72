/** Somebody's mistake, on purpose: asks the running demo application to reset every password. */
const url = process.env.HOLDFAST_DEMO_APP ?? "http://127.0.0.1:8423";

try {
  const answer = await fetch(`${url}/reset-all-passwords`, { method: "POST", headers: { "x-demo-app": "yes" } });
  const body: { committedAt: string; users: number; error?: string } = JSON.parse(await answer.text());
  if (!answer.ok) throw new Error(body.error);
  console.log(`Reset the passwords of ${body.users} users in one transaction, committed at ${body.committedAt}.`);
  console.log(`Restore to the second before: ${new Date(Math.ceil(Date.parse(body.committedAt) / 1000) * 1000 - 1000).toISOString()}`);
} catch (error) {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
  console.error(
    `The demo application at ${url} did not do it: ${error instanceof Error ? error.message : String(error)}${cause}. Is npm start running?`,
  );
  process.exitCode = 1;
}
