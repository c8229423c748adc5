"use strict";
// A small app behind the gateway: `node app.js PORT ISSUER AUDIENCE KEYS`.
const express = require("express");
const { ssoMember, requireRole } = require("./sso-member.js");

const [port, issuer, audience, keys] = process.argv.slice(2);
const app = express();
app.get("/public/hello", (request, response) => response.send("hello"));
app.use(ssoMember({ issuer, audience, keys }));
app.get("/me", (request, response) => response.json(request.member));
app.get("/team", requireRole("ADMIN"), (request, response) => response.json(request.member));
app.listen(Number(port), "127.0.0.1");
