"use strict";
// The same app with node:http alone: `node plain.js PORT ISSUER AUDIENCE KEYS`.
const { createServer } = require("node:http");
const { ssoMember, requireRole } = require("./sso-member.js");

const [port, issuer, audience, keys] = process.argv.slice(2);
const signedIn = ssoMember({ issuer, audience, keys });
const administrator = requireRole("ADMIN");

createServer((request, response) => {
  if (request.url === "/public/hello") return response.end("hello");
  const show = () => response.setHeader("Content-Type", "application/json").end(JSON.stringify(request.member));
  signedIn(request, response, () => (request.url === "/team" ? administrator(request, response, show) : show()));
}).listen(Number(port), "127.0.0.1");
