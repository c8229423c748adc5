package ssomember

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
	"time"
)

const leeway = 5 // seconds, for clocks that differ

func read(part string, value any) bool {
	text, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(text, value) == nil
}

// The member, or the reason why there is none.
func (c *Check) member(values []string) (member Member, reason string) {
	if strings.Join(values, "") == "" {
		return member, "missing"
	} else if len(values) > 1 {
		return member, "repeated"
	}
	var header struct {
		Alg, Typ, Kid string
		Crit          any
	}
	parts := strings.Split(values[0], ".")
	signature, err := base64.RawURLEncoding.DecodeString(parts[len(parts)-1])
	if len(values[0]) > 8192 || len(parts) != 3 || err != nil || len(signature) != 64 || !read(parts[0], &header) {
		return member, "malformed"
	} else if header.Alg != "ES256" || header.Typ != "JWT" || header.Crit != nil {
		return member, "algorithm"
	}
	key, reason := c.Keys.find(header.Kid)
	if reason != "" {
		return member, reason
	}
	// The signature is r and s, 32 bytes each (RFC 7518 section 3.4).
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	if hash := sha256.Sum256([]byte(parts[0] + "." + parts[1])); !ecdsa.Verify(key, hash[:], r, s) {
		return member, "signature"
	}
	var claims struct {
		Iss, Aud, Sub, Integration, Installation_ID, Role, Name, Email string
		Exp, Nbf, Iat                                                  float64
	}
	if !read(parts[1], &claims) {
		return member, "malformed"
	}
	now := float64(time.Now().UnixMilli()) / 1000
	switch {
	case claims.Iss != c.Issuer:
		return member, "issuer"
	case claims.Aud != c.Audience:
		return member, "audience"
	case now >= claims.Exp+leeway:
		return member, "expired"
	case claims.Iat == 0 || claims.Iat > now+leeway || claims.Nbf > now+leeway:
		return member, "not_yet_valid"
	case claims.Sub == "" || claims.Integration == "" || claims.Installation_ID == "" || claims.Role == "":
		return member, "claims"
	}
	id := claims.Integration + "/" + claims.Installation_ID + "/" + claims.Sub
	return Member{id, claims.Sub, claims.Integration, claims.Installation_ID, claims.Role, claims.Name, claims.Email}, ""
}
