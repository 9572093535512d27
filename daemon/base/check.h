// Check: the defences of the consent walk that a control build can switch off, one by one.
//
// A test of an attack is worth something only if it can fail. So the attack suite runs twice:
// against the programs as they are, where every attack must come to nothing, and against programs
// built with -Dcontrol=true, where it must succeed once the checks named in docs/attacks.md are
// off. In any other build check_on() is the constant true, and nothing of this is left in the
// programs. A control build is not installed, says what it is, and does not run by accident.
#pragma once

namespace reeve {

enum class Check {
  account,        // the account is shown and confirmed before it counts
  address,        // a callback's address, with code and state, is left at once
  browser,        // a flow comes back in the browser that began it
  csp,            // Content-Security-Policy
  digest,         // Continue is for the question as it was shown
  embedding,      // Sec-Fetch-Dest: our pages are opened, not embedded
  escaping,       // foreign texts are never markup
  flow_cookie,    // a flow comes back with its cookie
  form_token,     // a form of ours is posted
  framing,        // frame-ancestors and X-Frame-Options
  host,           // the exact Host
  iss,            // RFC 9207
  next,           // a sign-in leads back to pages of ours
  nonce,          // the ID token is for this flow
  opener,         // Cross-Origin-Opener-Policy
  origin,         // Origin and Sec-Fetch-Site of a POST
  prefix,         // __Host-: no other host sets our cookies
  redirect_uri,   // an answer comes to its own context's path
  referrer,       // Referrer-Policy
  renewal,        // the browser's secret is renewed at sign-in
  request_scope,  // AwaitConsent is for the peer that asked
  return_url,     // only registered ones
  same_site,      // SameSite of the cookies
  session,        // the agent's session lives, at each step of the person
  session_scope,  // a session's handle is for the peer that opened it
  sign_out,       // ends the sign-in here, not only the cookie there
  socket_owner,   // a browser of a user of this host: each request is from a process of his
  state,          // a state is consumed by the first answer
  under_way,      // a question that is being redeemed is not begun again
  user,           // the browser's user is the session's user
};

#ifdef REEVE_CONTROL
// True unless the file that the environment variable REEVE_CONTROL_OFF names has that name in it,
// now: a line each.
bool check_on(Check check);
// False: nobody asked for a control build. Says loudly what this is.
bool may_run();
#else
constexpr bool check_on(Check) { return true; }
constexpr bool may_run() { return true; }
#endif

}  // namespace reeve
