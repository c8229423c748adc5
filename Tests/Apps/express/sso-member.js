"use strict";
// Middleware for Express and node:http (Node 18.3 or later): checks X-SSO-Assertion and sets `request.member`.
const { createPublicKey, verify } = require("node:crypto");

const leeway = 5; // seconds, for clocks that differ
class Refused extends Error {}

// The gateway's public keys by id. They are fetched when they are `keep` seconds old and for an unknown id, but not again
// within `pause` seconds, so that forged ids cause no load. Without an answer the old keys stay in use.
function keySet(url, pause, keep) {
  let keys;
  let fetched = -Infinity;
  let tried = -Infinity;
  let fetching;
  async function load() {
    try {
      const answer = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(3000) });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const usable = (await answer.json()).keys.filter((key) => key.kty === "EC" && key.crv === "P-256");
      keys = new Map(usable.map((key) => [key.kid, createPublicKey({ key, format: "jwk" })]));
      fetched = performance.now();
    } catch (error) {
      console.error(`sso: no keys from ${url}: ${error.cause?.message ?? error.message}`);
    }
  }
  return async (id) => {
    const now = performance.now();
    if ((!keys?.has(id) || now - fetched > keep * 1000) && now - tried > pause * 1000) {
      tried = now;
      fetching = load();
    }
    await fetching; // One fetch for all requests that wait for it.
    if (!keys) throw new Error("no keys");
    return keys.get(id);
  };
}

function part(text) {
  try {
    return Object(JSON.parse(Buffer.from(text, "base64url").toString()));
  } catch {
    throw new Refused("malformed");
  }
}

// Returns the member of a request. Throws `Refused` with the reason.
async function check(request, keyOf, issuer, audience) {
  const tokens = request.headersDistinct["x-sso-assertion"] ?? [];
  if (!tokens.join("")) throw new Refused("missing");
  if (tokens.length > 1) throw new Refused("repeated");
  const token = tokens[0];
  if (token.length > 8192 || !/^[\w-]+\.[\w-]+\.[\w-]{86}$/.test(token)) throw new Refused("malformed");
  const [head, body, signature] = token.split(".");
  const header = part(head);
  if (header.alg !== "ES256" || header.typ !== "JWT" || "crit" in header) throw new Refused("algorithm");
  const key = await keyOf(header.kid);
  if (!key) throw new Refused("unknown_key");
  // The signature is r and s, 32 bytes each (RFC 7518 section 3.4).
  const raw = Buffer.from(signature, "base64url");
  if (!verify("sha256", Buffer.from(`${head}.${body}`), { key, dsaEncoding: "ieee-p1363" }, raw)) {
    throw new Refused("signature");
  }
  const claims = part(body);
  const now = Date.now() / 1000;
  if (claims.iss !== issuer) throw new Refused("issuer");
  if (claims.aud !== audience) throw new Refused("audience");
  if (!(typeof claims.exp === "number" && now < claims.exp + leeway)) throw new Refused("expired");
  if (!(claims.iat <= now + leeway && (claims.nbf ?? 0) <= now + leeway)) throw new Refused("not_yet_valid");
  const { sub: user, integration, installation_id: installation, role } = claims;
  if (!(user && integration && installation && role)) throw new Refused("claims");
  // The same user id under another installation is another person.
  const id = `${integration}/${installation}/${user}`;
  return { id, user, integration, installation, role, name: claims.name ?? "", email: claims.email ?? "" };
}

function answer(response, status, code, reason) {
  response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" });
  response.end(JSON.stringify({ error: { code, reason } }));
}

// issuer: `public_url`; audience: `app` of the rule, or the host; keys: the gateway's own /.well-known/jwks.json
exports.ssoMember = ({ issuer, audience, keys, pause = 10, keep = 300 }) => {
  const keyOf = keySet(keys, pause, keep);
  return (request, response, next) =>
    check(request, keyOf, issuer, audience).then(
      (member) => {
        request.member = member;
        next();
      },
      (error) =>
        error instanceof Refused
          ? answer(response, 401, "not_signed_in", error.message)
          : answer(response, 503, "keys_unavailable"),
    );
};

// For routes of one role, behind `ssoMember`.
exports.requireRole = (role) => (request, response, next) =>
  request.member?.role === role ? next() : answer(response, 403, "forbidden");
