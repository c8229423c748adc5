package ssomember

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"math/big"
	"net/http"
	"sync"
	"time"
)

const noKeys = "no_keys"

const (
	pause = 10 * time.Second
	keep  = 300 * time.Second
)

// KeySet holds the gateway's public keys by id. They are fetched from URL, the gateway's own /.well-known/jwks.json, when
// they are `keep` old and for an unknown id, but not again within `pause`, so that forged ids cause no load. Without an
// answer the old keys stay in use.
type KeySet struct {
	URL            string
	lock           sync.Mutex
	keys           map[string]*ecdsa.PublicKey
	fetched, tried time.Time
}

// Not http.DefaultClient: the environment's proxies must not decide whose keys these are.
var client = http.Client{Transport: &http.Transport{}, Timeout: 3 * time.Second}

func (k *KeySet) find(id string) (key *ecdsa.PublicKey, reason string) {
	k.lock.Lock()
	defer k.lock.Unlock()
	if (k.keys[id] == nil || time.Since(k.fetched) > keep) && time.Since(k.tried) > pause {
		k.tried = time.Now()
		if keys, err := fetch(k.URL); err != nil {
			log.Printf("sso: no keys from %s: %v", k.URL, err)
		} else {
			k.keys, k.fetched = keys, k.tried
		}
	}
	if k.keys == nil {
		return nil, noKeys
	} else if k.keys[id] == nil {
		return nil, "unknown_key"
	}
	return k.keys[id], ""
}

func fetch(url string) (map[string]*ecdsa.PublicKey, error) {
	answer, err := client.Get(url)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var set struct {
		Keys []struct{ Kid, Kty, Crv, X, Y string }
	}
	if err := json.NewDecoder(answer.Body).Decode(&set); err != nil || answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d, %v", answer.StatusCode, err)
	}
	keys := map[string]*ecdsa.PublicKey{}
	for _, key := range set.Keys {
		x, _ := base64.RawURLEncoding.DecodeString(key.X)
		y, _ := base64.RawURLEncoding.DecodeString(key.Y)
		public := ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int).SetBytes(x), Y: new(big.Int).SetBytes(y)}
		if key.Kty == "EC" && key.Crv == "P-256" && public.Curve.IsOnCurve(public.X, public.Y) {
			keys[key.Kid] = &public
		}
	}
	return keys, nil
}
