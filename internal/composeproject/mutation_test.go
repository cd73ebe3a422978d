package composeproject

import (
	"errors"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sirupsen/logrus"
)

var mutationCount = flag.Int("mutations", 300, "how many damaged files TestMutations loads")

const mutationSample = `name: demo
x-base: &base
  environment: {A: "${A:-1}", B: "${B:?say}"}
  restart: unless-stopped
services:
  web:
    <<: *base
    image: "app:${TAG:-1}"
    build: {context: ., args: [X=1], additional_contexts: {base: "service:db"}}
    ports: ["80:${PORT:-80}", {target: 81, published: "82"}]
    volumes: [data:/data, ./x:/x:ro]
    depends_on:
      db: {condition: service_healthy, required: false}
    networks: {front: {aliases: [w]}}
    secrets: [key]
    healthcheck: {test: [CMD, "true"], interval: 5s, retries: 2}
    deploy: {resources: {limits: {memory: 1g, cpus: "0.5"}}}
    profiles: [dev, ci]
  db:
    extends: {service: base, file: base.yaml}
    build: .
    command: |
      first $$HOME
      second
jobs:
  migrate: {image: a, triggers: {manual: true}, depends_on: [db]}
networks:
  front: {ipam: {config: [{subnet: 10.1.0.0/24}]}}
volumes: {data: }
secrets: {key: {environment: KEY}}
`

// mutated damages a text at some places.
func mutated(random *rand.Rand, text string) string {
	lines := strings.SplitAfter(text, "\n")
	for range 1 + random.IntN(3) {
		i := random.IntN(len(lines))
		switch line := lines[i]; random.IntN(8) {
		case 0:
			lines = slices.Delete(lines, i, i+1)
		case 1:
			lines = slices.Insert(lines, i, line)
		case 2:
			lines[i] = "  " + line
		case 3:
			lines[i] = strings.TrimPrefix(line, "  ")
		case 4:
			lines[i] = "\t" + line
		default:
			if len(line) == 0 {
				continue
			}
			at := random.IntN(len(line))
			const marks = `{}[]:,"'$*&!|>-#x` + "\t\n\x00\xff"
			mark := marks[random.IntN(len(marks))]
			lines[i] = line[:at] + string([]byte{mark}) + line[at+random.IntN(2):]
		}
	}
	return strings.Join(lines, "")
}

// TestMutations loads damaged files. Each damage gives a mistake in a file or no mistake, and the same at each call.
func TestMutations(t *testing.T) {
	logrus.SetOutput(io.Discard)
	t.Cleanup(func() { logrus.SetOutput(os.Stderr) })
	random := rand.New(rand.NewPCG(*oddSeed, 1))
	dir := t.TempDir()
	base := "services:\n  base:\n    image: a\n    environment: [X=1]\n"
	rejected := 0
	for range *mutationCount {
		files := map[string]string{"compose.yaml": mutationSample, "base.yaml": base}
		if random.IntN(4) == 0 {
			files["base.yaml"] = mutated(random, base)
		} else {
			files["compose.yaml"] = mutated(random, mutationSample)
		}
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		options := Options{WorkingDir: dir, Environ: []string{"B=1"}}
		_, err := Load(t.Context(), options)
		if *oddPeer != "" {
			compareWithPeer(t, dir, err, func() string { return files["compose.yaml"] + "---\n" + files["base.yaml"] })
		}
		if err == nil {
			continue
		}
		rejected++
		failure, ok := errors.AsType[*LoadError](err)
		if !ok || len(failure.Mistakes) == 0 {
			t.Errorf("%T %v\n%v", err, err, files)
			continue
		}
		for _, m := range failure.Mistakes {
			if m.Line == 0 || strings.Contains(m.Message, "runtime error") {
				t.Errorf("%v\n%v", m, files)
			}
		}
		if _, again := Load(t.Context(), options); again == nil || again.Error() != err.Error() {
			t.Errorf("first  %v\nsecond %v\n%v", err, again, files)
		}
	}
	if rejected == 0 || rejected == *mutationCount {
		t.Errorf("%d of %d files are rejected", rejected, *mutationCount)
	}
}
