package composefile

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"go.yaml.in/yaml/v4"
)

// referenceChecker checks the names of files and extended services.
type referenceChecker struct{ *checker }

// checkIncludes follows the include section. An include may name an override after its file.
func (c referenceChecker) checkIncludes(s source, root *yaml.Node) {
	for _, item := range items(Value(root, "include")) {
		item = dereference(item)
		paths := []*yaml.Node{item}
		if item.Kind == yaml.MappingNode {
			paths = textNodes(Value(item, "path"))
		}
		var files []string
		for _, node := range paths {
			if file, ok := c.localFile(s, node, "include"); ok {
				files = append(files, file)
			}
		}
		if len(files) < len(paths) || len(files) == 0 {
			continue
		}
		dir := filepath.Dir(files[0])
		if node := Value(item, "project_directory"); node != nil && node.Kind == yaml.ScalarNode {
			dir = s.absolute(node)
		}
		environment := c.includedEnvironment(s, item, dir)
		for _, file := range files {
			c.addFile(file, dir, environment, false)
		}
	}
}

// textNodes returns a text or the texts of a list.
func textNodes(node *yaml.Node) []*yaml.Node {
	if node == nil {
		return nil
	}
	if node.Kind == yaml.SequenceNode {
		return node.Content
	}
	return []*yaml.Node{node}
}

// includedEnvironment returns the values of variables in an included file: the own values, then the values of its env
// files.
func (c referenceChecker) includedEnvironment(s source, item *yaml.Node, dir string) map[string]string {
	var files []string
	for _, node := range textNodes(Value(item, "env_file")) {
		if file, ok := c.localFile(s, node, "env_file"); ok {
			files = append(files, file)
		}
	}
	if defaultFile := filepath.Join(dir, ".env"); len(files) == 0 && isFile(defaultFile) {
		files = []string{defaultFile}
	}
	values, err := dotenv.GetEnvFromFile(s.environment, files)
	if err != nil {
		return s.environment // the loader reports the error
	}
	return withEnvironment(s.environment, values)
}

// checkExtends follows the extends attributes of services, and reports missing files and services.
func (c referenceChecker) checkExtends(s source, root *yaml.Node) {
	for _, section := range []string{servicesKey, jobsKey} {
		entries(Value(root, section), func(name, service *yaml.Node) {
			if !s.isBase || c.isExtended(s, []string{section, name.Value}) {
				c.checkExtendsOf(s, section, name.Value, service)
			}
		})
	}
}

// checkExtendsOf checks the extends attribute of a service or job. A job extends jobs.
func (c referenceChecker) checkExtendsOf(s source, section, name string, service *yaml.Node) {
	extends := Value(service, "extends")
	if extends == nil {
		return
	}
	base := extends
	if extends.Kind == yaml.MappingNode {
		base = Value(extends, "service")
	}
	if base == nil || base.Kind != yaml.ScalarNode {
		return
	}
	baseName, _, _ := s.interpolate(base.Value)
	if node := Value(extends, "file"); node != nil {
		if file, ok := c.localFile(s, node, "extends"); ok {
			c.addBase(s, name, file, base, baseName)
		}
		return
	}
	c.extend(s.Path, baseName)
	key, _ := Entry(service, "extends")
	c.ownBases = append(c.ownBases, ownBase{s.File, section, name, key, base, baseName})
}

// ownBase is a reference of extends to a service of the project.
type ownBase struct {
	file    *File
	section string
	service string
	// key is the key extends, and base the name of the extended service.
	key, base *yaml.Node
	name      string
}

// checkOwnBases reports extended services without a definition in any file.
func (c referenceChecker) checkOwnBases() {
	names := map[string][]string{}
	for _, s := range c.sources {
		if s.Err != nil {
			return // the file may define the service after the mistake
		}
		for _, root := range s.Documents {
			for _, section := range []string{servicesKey, jobsKey} {
				entries(Value(root, section), func(name, _ *yaml.Node) { names[section] = append(names[section], name.Value) })
			}
		}
	}
	for _, b := range c.ownBases {
		if !slices.Contains(names[b.section], b.name) {
			noun := strings.TrimSuffix(b.section, "s")
			c.report(Mistake{
				Path: b.file.Path, Line: b.base.Line, Column: b.base.Column, node: b.key,
				Message:    fmt.Sprintf("%s %q extends %q, which is not there", noun, b.service, b.name),
				Suggestion: nearest(b.name, names[b.section]),
			})
		}
	}
}

// addBase adds the file of an extended service.
func (c referenceChecker) addBase(s source, service, file string, base *yaml.Node, baseName string) {
	c.extend(file, baseName)
	c.addFile(file, filepath.Dir(file), s.environment, true)
	for _, other := range c.sources {
		if other.Path == file {
			c.checkBase(s.File, other.File, service, base, baseName)
		}
	}
}

func (c referenceChecker) extend(file, service string) {
	if c.extended[file] == nil {
		c.extended[file] = map[string]bool{}
	}
	c.extended[file][service] = true
}

// checkBase reports an extended service that another file does not have.
func (c referenceChecker) checkBase(f, other *File, service string, base *yaml.Node, baseName string) {
	var names []string
	for _, root := range other.Documents {
		entries(Value(root, servicesKey), func(name, _ *yaml.Node) { names = append(names, name.Value) })
	}
	if other.Err != nil || slices.Contains(names, baseName) {
		return
	}
	c.reportNear(f, base, fmt.Sprintf("service %q extends %q, which %s does not have", service, baseName,
		filepath.Base(other.Path)), "", nearest(baseName, names))
}

// localFile returns the path of a file in a value, and reports a missing or remote file.
func (c referenceChecker) localFile(s source, node *yaml.Node, attribute string) (path string, ok bool) {
	node = dereference(node)
	if node == nil || node.Kind != yaml.ScalarNode || isNull(node) || c.explained[node] {
		return "", false
	}
	path = s.absolute(node)
	if isFile(path) {
		return path, true
	}
	text, _, _ := s.interpolate(node.Value)
	switch {
	case path == "/dev/null":
	case IsRemote(text):
		c.reportAt(s.File, node, fmt.Sprintf("%s: %s is remote, and tasks reads only local files", attribute, text),
			"Copy the file or clone the repository (for example as a submodule), and write the local path.")
	default:
		detail := c.unsetNote(s, node)
		c.reportNear(s.File, node, fmt.Sprintf("the file %s does not exist", path), detail, nearFile(path, text))
	}
	return "", false
}

// IsRemote reports whether Compose would fetch a file from a repository or a registry.
func IsRemote(path string) bool {
	const remote = `^(?:[a-z][a-z+.-]*://|[\w.-]+@[\w.-]+:|(?:github|gitlab|bitbucket)\.\w+/)`
	return regexp.MustCompile(remote).MatchString(path)
}

// nearFile returns a path with the nearest name in the same directory, or an empty text.
func nearFile(path, written string) string {
	listed, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return ""
	}
	var names []string
	for _, entry := range listed {
		names = append(names, entry.Name())
	}
	near := nearest(filepath.Base(path), names)
	if near == "" {
		return ""
	}
	return written[:len(written)-len(filepath.Base(written))] + near
}

// absolute returns the path of a value.
func (s source) absolute(node *yaml.Node) string {
	path, _, _ := s.interpolate(node.Value)
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(s.dir, path)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}
