package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// service is a long-lived dependency of a scene, for compose.yaml and for the raw calls alike.
type service struct {
	name    string
	command []string
	// interval is that of its healthcheck; zero: it has none.
	interval time.Duration
	// needs is the service that it depends on, or empty.
	needs string
}

// probe is the command of every healthcheck here.
func (service) probe() []string { return []string{"probe", "tcp", "127.0.0.1:5432"} }

// scene is a project with one target and what it depends on. Each service needs the one before it; the target, the last.
type scene struct {
	name     string
	services []service
}

const (
	// targetService and targetTask are what every tool is asked to run.
	targetService = "app"
	targetTask    = "go"
)

// scenes, as the table's headings tell them.
func warmScene() scene {
	return scene{"warm", []service{{name: "db", command: []string{"serve", "-tcp", ":5432"}}}}
}

func chainScene() scene {
	serve := []string{"serve", "-tcp", ":5432"}
	return scene{"chain", []service{
		{name: "db", command: serve, interval: time.Second},
		{name: "api", command: serve, interval: time.Second, needs: "db"},
	}}
}

// coldDelay is when the cold scene's dependency becomes ready, after its start.
const coldDelay = time.Second

// coldScene has a dependency whose healthcheck would cost one interval, if that were waited for.
func coldScene(name string, interval time.Duration) scene {
	serve := []string{"serve", "-tcp", ":5432", "-after", coldDelay.String()}
	return scene{name, []service{{name: "db", command: serve, interval: interval}}}
}

// composeFile writes the project for Compose, as JSON, which is YAML too.
func (s scene) composeFile(image string) ([]byte, error) {
	services, last := definitions(s.services, image), s.services[len(s.services)-1]
	services[targetService] = map[string]any{"image": image, "command": []string{"true"}, "depends_on": dependsOn(last)}
	return composeJSON(services)
}

func composeJSON(services map[string]any) ([]byte, error) {
	return json.MarshalIndent(map[string]any{"services": services}, "", "  ")
}

// definitions are services as a compose file has them.
func definitions(list []service, image string) map[string]any {
	services, byName := map[string]any{}, map[string]service{}
	for _, svc := range list {
		definition := map[string]any{"image": image, "command": svc.command}
		if svc.interval > 0 {
			definition["healthcheck"] = map[string]any{"test": append([]string{"CMD"}, svc.probe()...), "interval": svc.interval.String()}
		}
		if svc.needs != "" {
			definition["depends_on"] = dependsOn(byName[svc.needs])
		}
		services[svc.name], byName[svc.name] = definition, svc
	}
	return services
}

func dependsOn(s service) map[string]any {
	condition := "service_started"
	if s.interval > 0 {
		condition = "service_healthy"
	}
	return map[string]any{s.name: map[string]any{"condition": condition}}
}

// write puts the project's files into a directory of its own and returns it.
func (s scene) write(parent, image string) (string, error) {
	dir := filepath.Join(parent, s.name)
	compose, err := s.composeFile(image)
	if err != nil {
		return "", err
	}
	tasks := fmt.Sprintf("task %q {\n  service = %q\n  command = [\"true\"]\n}\n", targetTask, targetService)
	return dir, writeFiles(dir, map[string]string{"compose.yaml": string(compose), "Tasks.hcl": tasks})
}

func writeFiles(dir string, files map[string]string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}
