package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// service is a long-lived dependency of a scene, for compose.yaml and for the raw calls.
type service struct {
	name    string
	command []string
	// interval is the healthcheck's interval. Zero: no healthcheck.
	interval time.Duration
	// needs is the service's dependency, or empty.
	needs string
}

// probe is the command of every healthcheck here.
func (service) probe() []string { return []string{"probe", "tcp", "127.0.0.1:5432"} }

// scene is a project with a target and dependencies. Each service needs the preceding service, and the target needs the
// last.
type scene struct {
	name     string
	services []service
}

const (
	// targetService and targetTask are the target for every tool.
	targetService = "app"
	targetTask    = "go"
)

// scenes, with names for the table's headings.
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

// coldDelay is the time from the start of the cold scene's dependency until readiness.
const coldDelay = time.Second

// coldScene has a dependency with a long healthcheck interval. A tool that waits for the healthcheck loses a whole
// interval.
func coldScene(name string, interval time.Duration) scene {
	serve := []string{"serve", "-tcp", ":5432", "-after", coldDelay.String()}
	return scene{name, []service{{name: "db", command: serve, interval: interval}}}
}

// composeFile writes the project for Compose as JSON, a subset of YAML.
func (s scene) composeFile(image string) ([]byte, error) {
	services, last := definitions(s.services, image), s.services[len(s.services)-1]
	services[targetService] = map[string]any{"image": image, "command": []string{"true"}, "depends_on": dependsOn(last)}
	return composeJSON(services)
}

func composeJSON(services map[string]any) ([]byte, error) {
	return json.MarshalIndent(map[string]any{"services": services}, "", "  ")
}

// definitions returns the services in the form of a compose file.
func definitions(list []service, image string) map[string]any {
	services, byName := map[string]any{}, map[string]service{}
	for _, svc := range list {
		definition := map[string]any{"image": image, "command": svc.command}
		if svc.interval > 0 {
			definition["healthcheck"] = map[string]any{
				"test": append([]string{"CMD"}, svc.probe()...), "interval": svc.interval.String(),
			}
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

// write writes the project's files into a new directory and returns the directory.
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
