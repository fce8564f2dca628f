// Answers questions, one in JSON on each line, by the other evaluation: `Allowed`, `ImplicitlyDenied`, ...
import { createInterface } from "node:readline";
import { execPath } from "node:process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

// npx puts the package where only its programs are found, by PATH.
const bin = process.env.PATH.split(":").find((folder) => folder.includes("_npx"));
const require = createRequire(join(dirname(bin), "ask.js"));
const { runSimulation } = require("@cloud-copilot/iam-simulate");

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  const result = await runSimulation(
    { ...asked, serviceControlPolicies: [], resourceControlPolicies: [] },
    { simulationMode: "Strict" },
  );
  console.log(JSON.stringify(result.resultType === "error" ? "Error" : result.overallResult));
}
