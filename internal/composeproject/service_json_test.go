package composeproject

import (
	"encoding/json"
	"testing"
)

func TestServiceJSON(t *testing.T) {
	p := load(t, `
name: shop
services:
  db:
    image: postgres:17
    environment: {A: "1", B: }
    ports: ["5432:5432"]
  web:
    profiles: [debug]
    build: .
`)
	read := func(name string) map[string]any {
		text, err := p.ServiceJSON(name)
		if err != nil {
			t.Fatal(err)
		}
		var out map[string]any
		if err := json.Unmarshal(text, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	db := read("db")
	if db["image"] != "postgres:17" || db["environment"].(map[string]any)["A"] != "1" {
		t.Errorf("%v", db)
	}
	if port := db["ports"].([]any)[0].(map[string]any); port["published"] != "5432" {
		t.Errorf("%v", port)
	}
	if user, there := db["user"]; !there || user != nil {
		t.Errorf("user is %v", user)
	}
	if _, there := db["name"]; there {
		t.Error("a service has no attribute name")
	}
	if web := read("web"); web["image"] != nil || web["build"] == nil {
		t.Errorf("a service of an inactive profile: %v", web)
	}
	if _, err := p.ServiceJSON("nope"); err == nil {
		t.Error("a service that is not there")
	}
}
