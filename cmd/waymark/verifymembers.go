package main

import (
	"encoding/base64"
	"encoding/json"

	"github.com/waymark-ledger/waymark/identity"
)

// validatorNames are the names of the organisations whose validators a genesis
// document lists: its `name` of a validator is the organisation's id. A name that
// is no member's stands as it is.
func validatorNames(g *identity.Genesis) map[identity.ValidatorAddress]string {
	var doc struct {
		Validators []struct {
			Name   string `json:"name"`
			PubKey struct {
				Value string `json:"value"`
			} `json:"pub_key"`
		} `json:"validators"`
	}
	names := map[identity.ValidatorAddress]string{}
	if json.Unmarshal(g.Doc, &doc) != nil { // names are for people; nothing rests on them
		return names
	}
	organisations := map[string]string{}
	for _, o := range g.Organisations {
		organisations[o.ID] = o.Name
	}
	for _, v := range doc.Validators {
		key, err := base64.StdEncoding.DecodeString(v.PubKey.Value)
		if err != nil || len(key) != len(identity.ValidatorKey{}) {
			continue
		}
		name := v.Name
		if o := organisations[name]; o != "" {
			name = o
		}
		names[identity.ValidatorKey(key).Address()] = name
	}
	return names
}
