// Reads lines of JSON from standard input and answers each with one: the signature that GitHub's own library gives the body,
// and whether it believes the signature that came with it.
import { createInterface } from "node:readline";
import { sign, verify } from "@octokit/webhooks-methods";

for await (const line of createInterface({ input: process.stdin })) {
  const { secret, body, signature } = JSON.parse(line);
  console.log(JSON.stringify({ signature: await sign(secret, body), verified: await verify(secret, body, signature) }));
}
