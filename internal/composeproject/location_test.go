package composeproject

import "testing"

// TestAttributeLocationText checks the places in messages about attributes.
func TestAttributeLocationText(t *testing.T) {
	dir := projectFolder(t, "where", map[string]string{
		"compose.yaml": `services:
  web:
    extends: {file: base.yaml, service: common}
    annotations: {a: b}
    volumes:
      - ./src:/src:ro
      - type: tmpfs
        target: /tmp
    networks:
      front.end:
        mac_address: 02:42:ac:11:00:02
    secrets: [token, {source: key, target: /k}]
  db:
    extends: base
    image: x
  base: {image: x, cpu_count: 1}
networks:
  front.end:
    enable_ipv4: false
    enable_ipv6: true
secrets: {token: {file: ./t}, key: {file: ./k}}
`,
		"compose.override.yaml": "services:\n  db:\n    hostname: last\n    volumes: ['/v:/v']\n  web:\n    annotations: {c: d}\n",
		"base.yaml":             "services:\n  common:\n    image: x\n    isolation: process\n    annotations: {e: f}\n  web:\n    annotations: {g: h}\n",
	})
	p, err := Load(t.Context(), Options{WorkingDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		service string
		path    []string
		want    string
		exact   bool
	}{
		{"web", []string{"annotations"}, "compose.override.yaml:6:5", true},
		{"db", []string{"volumes", "/v"}, "compose.override.yaml:4:15", true},
		{"web", []string{"volumes", "/src"}, "compose.yaml:6:9", true},
		{"web", []string{"volumes", "/tmp"}, "compose.yaml:7:9", true},
		{"web", []string{"networks", "front", "end", "mac_address"}, "compose.yaml:11:9", true},
		{"web", []string{"secrets", "token"}, "compose.yaml:12:15", true},
		{"web", []string{"secrets", "key"}, "compose.yaml:12:22", true},
		{"web", []string{"isolation"}, "base.yaml:4:5", true},
		{"db", []string{"cpu_count"}, "compose.yaml:16:20", true},
		{"web", []string{"volumes", "/elsewhere"}, "compose.yaml:5:5", false},
		{"web", []string{"user"}, "compose.override.yaml:5:3", false},
		{"missing", []string{"user"}, "", false},
	} {
		if place, exact := p.Locations().AttributeText(test.service, test.path...); place != test.want || exact != test.exact {
			t.Errorf("%s %q: %q, exact %t; want %q, exact %t", test.service, test.path, place, exact, test.want, test.exact)
		}
	}
	if got := p.Locations().NetworkText("front.end", "enable_ipv4"); got != "compose.yaml:19:5" {
		t.Errorf("network: %q", got)
	}
	if got := p.Locations().NetworkText("default", "driver"); got != "" {
		t.Errorf("a network that no file has: %q", got)
	}
	empty, err := Empty("x", dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if place, exact := empty.Locations().AttributeText("x", "user"); place != "" || exact {
		t.Errorf("without a file: %q, %t", place, exact)
	}
}
