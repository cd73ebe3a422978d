//go:build unix

package containers_test

import (
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
)

// TestUnsupportedAttributesAreReported: all of it at once, and before an image is pulled or a dependency is started.
func TestUnsupportedAttributesAreReported(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `services:
  web:
    image: not.here/web:1
    depends_on: [db]
    dns: nowhere
    read_only: true
    configs:
      - source: inline
        target: /etc/inline
    secrets: [far]
    credential_spec:
      config: managed
  db:
    image: not.here/db:1
    networks:
      default:
        ipv4_address: four
    models: [llm]
configs:
  inline: {content: hello}
secrets:
  far: {external: true}
models:
  llm: {model: some/model}
`, "")
	r := a.Tasks("once", "web", "true")
	if r.Code != 125 {
		t.Errorf("code %d, want 125", r.Code)
	}
	for _, line := range []string{
		`compose.yaml:5:5: service web: dns: server: "nowhere" is no IP address`,
		"compose.yaml:8:9: service web: config inline: cannot be copied into a read_only container: only file can be used there",
		"compose.yaml:10:15: service web: secret far: external ones exist in Swarm only: use file, environment or content",
		"compose.yaml:12:7: service web: credential_spec: config exists in Swarm only: use file or registry",
		`compose.yaml:17:9: service db: networks.default: ipv4_address: "four" is no IP address`,
		"compose.yaml:18:5: service db: models: is not supported yet: it needs the model runner of Docker Desktop",
	} {
		if !strings.Contains(r.Stderr, line+"\n") {
			t.Errorf("stderr lacks %q:\n%s", line, r.Stderr)
		}
	}
	if strings.Contains(r.Stderr, "pull") || len(a.Services("db")) > 0 {
		t.Errorf("something was done before:\n%s", r.Stderr)
	}
}
