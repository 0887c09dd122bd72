/** Presses the buttons a browser would press: dispatches workflows over GitHub's API and waits for their end. */

export interface Caller {
  /**
   * Dispatches at `production` and returns when the run is over; throws with the run's log when it did not succeed. `decide` is told the run's
   * id once it waits for a person.
   */
  run(workflow: string, inputs: Readonly<Record<string, string>>, decide?: (run: number) => Promise<void>): Promise<void>;
}

interface Run {
  readonly status: string;
  readonly conclusion: string | null;
}

// A drill's longest step takes seconds; minutes mean that something hangs.
const LIMIT_MS = 360_000;
// A person's token may ask 5,000 times an hour; twice a second leaves room for a long series of drills.
const POLL_MS = 500;

export function openCaller(apiUrl: string, repository: string, token: string): Caller {
  const actions = `${apiUrl}/repos/${repository}/actions`;
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };

  const read = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${actions}${path}`, { headers });
    if (!answer.ok) throw new Error(`GET ${path} was answered ${answer.status}`);
    return JSON.parse(await answer.text());
  };

  const logOf = async (id: number): Promise<string> => {
    const { jobs } = await read<{ jobs: readonly { id: number }[] }>(`/runs/${id}/jobs`);
    const texts = await Promise.all(jobs.map(async (job) => (await fetch(`${actions}/jobs/${job.id}/logs`, { headers })).text()));
    return texts.join("\n");
  };

  return {
    async run(workflow, inputs, decide) {
      const body = JSON.stringify({ ref: "production", inputs, return_run_details: true });
      const answer = await fetch(`${actions}/workflows/${workflow}/dispatches`, { method: "POST", headers, body });
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(`${workflow} could not be dispatched: ${answer.status} ${text}`);
      const { workflow_run_id: id }: { workflow_run_id: number } = JSON.parse(text);
      const until = Date.now() + LIMIT_MS;
      let decided = false;
      for (;;) {
        const run = await read<Run>(`/runs/${id}`);
        if (run.status === "waiting" && decide !== undefined && !decided) {
          await decide(id);
          decided = true;
        }
        if (run.status === "completed") {
          if (run.conclusion !== "success") throw new Error(`${workflow} ended as ${run.conclusion}:\n${await logOf(id)}`);
          return;
        }
        if (Date.now() > until) throw new Error(`${workflow} was still ${run.status} after ${LIMIT_MS / 1000} s:\n${await logOf(id)}`);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    },
  };
}
