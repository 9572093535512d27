// An MCP server over stdio whose one tool acts with the user's token, lent by Reeve.
//
// The tool's schema shows nothing of the token: the model neither sees it nor can give one. Where the user has not
// agreed yet, the link goes to the user by URL-mode elicitation, if the client can: it opens the page outside of the
// conversation. Else the tool's answer is the link and the phrase, as text for the user, and the model asks again.
//
// For whom: the user whose token lies in the file that REEVE_USER_TOKEN_FILE names (or the session in REEVE_SESSION).
// FILES_URL is the provider's API; here its userinfo endpoint stands for one.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { Client, ConsentRequired, ReeveError, tokenFetch } from 'reeve';

const provider = 'files', scopes = ['openid', 'profile'];
const reeve = new Client();
const api = tokenFetch(provider, { scopes, session: reeve });
const server = new McpServer({ name: 'files', version: '1.0.0' });

const say = (text, isError = false) => ({ content: [{ type: 'text', text }], isError });
const question = 'Files needs your consent. Check that the page shows';

// By the client: it shows the address and asks the user whether to open it. True once the user has agreed to open it.
async function elicit({ url, phrase, request }) {
  const { action } = await server.server.elicitInput({
    mode: 'url', url, elicitationId: request, message: `${question} the phrase ${phrase}` });
  return action === 'accept';
}

// Asks for the token until it is there. What the user is told comes back where it is not.
async function consented(signal) {
  const elicits = Boolean(server.server.getClientCapabilities()?.elicitation?.url);
  try {
    await reeve.token(provider, { scopes, signal });
  } catch (error) {
    if (!(error instanceof ConsentRequired)) throw error;
    if (!elicits || error.url === null) {
      return `${question} ${error.phrase}: ${error.url} \nThen ask again.`;
    }
    if (!await elicit(error)) return 'The user did not open the page. Do not ask again unless the user wants it.';
    const session = await reeve.defaultSession();
    for await (const { status } of session.awaitConsent(error.request, { signal })) {
      if (status !== 'granted' && status !== 'pending') return `No access to Files: the consent is ${status}.`;
    }
    await server.server.createElicitationCompletionNotifier(error.request)();
  }
  return null;
}

server.registerTool('whose_files', {
  description: "Says whose files these are, by the user's own access.", inputSchema: {} }, async (_, { signal }) => {
  try {
    const missing = await consented(signal);
    if (missing !== null) return say(missing, true);
    const answer = await api(process.env.FILES_URL, { signal });
    if (!answer.ok) return say(`Files answered ${answer.status}.`, true);
    return say(`These are the files of ${(await answer.json()).sub}.`);
  } catch (error) {
    if (error instanceof ReeveError) return say(error.message, true);  // says what to do, and no secret
    throw error;
  }
});

await server.connect(new StdioServerTransport());
