// Package ssomember checks X-SSO-Assertion for net/http, with the standard library only.
package ssomember

import (
	"context"
	"fmt"
	"net/http"
)

// Member sends a request. ID is unique: the same User under another Installation is another person.
type Member struct{ ID, User, Integration, Installation, Role, Name, Email string }

// Check has the gateway's `public_url`, the rule's `app` or else the host, and the gateway's keys.
type Check struct {
	Issuer, Audience string
	Keys             *KeySet
}

type memberKey struct{}

// Of returns the member of a request behind Handler.
func Of(request *http.Request) Member { return request.Context().Value(memberKey{}).(Member) }

// Handler forwards only requests of members to next.
func (c *Check) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if member, reason := c.member(r.Header.Values("X-SSO-Assertion")); reason == noKeys {
			refuse(w, http.StatusServiceUnavailable, "keys_unavailable", reason)
		} else if reason != "" {
			refuse(w, http.StatusUnauthorized, "not_signed_in", reason)
		} else {
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), memberKey{}, member)))
		}
	})
}

// Role forwards only requests of members with the role. It belongs behind Handler.
func Role(role string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if Of(r).Role == role {
			next.ServeHTTP(w, r)
		} else {
			refuse(w, http.StatusForbidden, "forbidden", "role")
		}
	})
}

func refuse(w http.ResponseWriter, status int, code, reason string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error":{"code":%q,"reason":%q}}`, code, reason)
}
