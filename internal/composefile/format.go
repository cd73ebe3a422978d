package composefile

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

const (
	servicesKey = "services"
	jobsKey     = "jobs"
)

// reportOldFormat reports a file of format 1: services at the top level.
func (c *checker) reportOldFormat(f *File, root *yaml.Node) bool {
	valid := c.in.Attributes(nil)
	var first *yaml.Node
	isOld := root.Kind == yaml.MappingNode
	entries(root, func(key, value *yaml.Node) {
		if slices.Contains(valid, key.Value) && key.Value != "version" && key.Value != "name" {
			isOld = false
		}
		if first == nil && looksLikeService(value) {
			first = key
		}
	})
	if !isOld || first == nil {
		return false
	}
	c.reportAt(f, first, fmt.Sprintf("%q is at the top level: the file has the old format 1", first.Value),
		"Write a first line `services:`, and indent all other lines by two spaces. Then `net` becomes `network_mode`, "+
			"`dockerfile` belongs under `build`, and `log_driver` and `log_opt` under `logging`.")
	return true
}

// looksLikeService reports whether a value has an image or a build.
func looksLikeService(value *yaml.Node) bool {
	image, _ := Entry(value, "image")
	build, _ := Entry(value, "build")
	return image != nil || build != nil
}

// checkIndentation reports services and attributes of services at a wrong depth.
func (c *checker) checkIndentation(f *File, root *yaml.Node) {
	valid, ofService := c.in.Attributes(nil), c.in.Attributes([]string{servicesKey, "name"})
	_, services := Entry(root, servicesKey)
	entries(root, func(key, value *yaml.Node) {
		switch {
		case slices.Contains(valid, key.Value) || strings.HasPrefix(key.Value, "x-"):
		case looksLikeService(value):
			c.reportAt(f, key, fmt.Sprintf("the service %q is beside `services`, not below", key.Value),
				"Indent the service.")
			c.explained[dereference(services)] = isNull(dereference(services))
		case slices.Contains(ofService, key.Value):
			c.reportAt(f, key, fmt.Sprintf("%q is an attribute of a service, and not of the file", key.Value),
				"Indent the attribute below its service.")
		}
	})
	var empty *yaml.Node
	entries(services, func(key, value *yaml.Node) {
		switch {
		case isNull(value):
			empty = value
		case empty != nil && slices.Contains(ofService, key.Value) && !looksLikeService(value):
			c.reportAt(f, key, fmt.Sprintf("%q is beside its service, not below", key.Value), "Indent the attribute.")
			c.explained[value], c.explained[empty] = true, true
		}
	})
}
