// A small app behind the gateway: app PORT ISSUER AUDIENCE KEYS.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"

	"example/app/ssomember"
)

func show(w http.ResponseWriter, r *http.Request) {
	member := ssomember.Of(r)
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]string{
		"id": member.ID, "user": member.User, "integration": member.Integration, "installation": member.Installation,
		"role": member.Role, "name": member.Name, "email": member.Email,
	})
}

func main() {
	check := ssomember.Check{
		Issuer: os.Args[2], Audience: os.Args[3], Keys: &ssomember.KeySet{URL: os.Args[4]},
	}
	http.Handle("/me", check.Handler(http.HandlerFunc(show)))
	http.Handle("/team", check.Handler(ssomember.Role("ADMIN", http.HandlerFunc(show))))
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
