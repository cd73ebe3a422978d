package lsp

import (
	"slices"
	"strconv"
	"strings"

	"tasks/hclspec"
	"tasks/internal/composeproject"
)

func (c *completer) project() *composeproject.Project { return c.s.composeProject(c.file.prefix()) }

func (c *completer) services() {
	if project := c.project(); project != nil {
		c.names(kindRef, "service", project.ServiceNames()...)
	}
}

// serviceMembers adds services, their conditions, their ports and their attributes.
func (c *completer) serviceMembers(path []string) {
	project := c.project()
	if project == nil {
		return
	}
	if len(path) == 1 {
		c.services()
		return
	}
	service, ok := project.Service(path[1])
	switch {
	case !ok:
	case len(path) == 2:
		if slices.Contains([]string{"depends_on", "steps"}, c.attribute()) {
			c.names(kindEnum, "condition", "started", "healthy", "completed")
			return
		}
		c.names(kindProperty, "host port", "port")
		c.names(kindProperty, "attribute of the service", "image", "environment", "command", "entrypoint", "labels", "ports",
			"volumes", "user", "working_dir")
	case len(path) == 3 && path[2] == "port":
		for _, port := range service.Ports {
			c.names(kindValue, "container port", strconv.FormatUint(uint64(port.Target), 10))
		}
		c.names(kindValue, "container port", service.Expose...)
	case len(path) == 3 && path[2] == "environment":
		c.names(kindVariable, "environment of "+service.Name, sortedKeys(service.Environment)...)
	}
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// text adds the words for a text in quotes.
func (c *completer) text() {
	if c.cursor.IsIndex {
		c.members()
		return
	}
	switch attribute := c.attribute(); attribute {
	case "service":
		c.services()
	case "job":
		if project := c.project(); project != nil {
			c.names(kindRef, "job", project.JobNames()...)
		}
	case "profiles":
		c.profiles()
	case "ports":
		c.ports()
	case "pass_env":
		for _, entry := range c.server.options.Config.Environ {
			n, _, _ := strings.Cut(entry, "=")
			c.names(kindVariable, "environment", n)
		}
	default:
		c.names(kindEnum, attribute, hclspec.ChoicesOf(attribute)...)
	}
}

func (c *completer) profiles() {
	project := c.project()
	if project == nil {
		return
	}
	known := map[string]bool{}
	for _, service := range project.Model().AllServices() {
		for _, profile := range service.Profiles {
			known[profile] = true
		}
	}
	c.names(kindEnum, "profile", sortedKeys(known)...)
}

// ports adds the published ports of the task's service.
func (c *completer) ports() {
	service, ok := c.taskService()
	if !ok {
		return
	}
	for _, port := range service.Ports {
		c.names(kindValue, "port of "+service.Name, portText(port))
	}
}

// key adds the names of environment variables of the task's service.
func (c *completer) key() {
	if c.attribute() != "env" {
		return
	}
	if service, ok := c.taskService(); ok {
		for _, n := range sortedKeys(service.Environment) {
			item := CompletionItem{Label: n, Kind: kindVariable, Detail: "environment of " + service.Name}
			c.add(item, n+" = ")
		}
	}
}
