package hclspec

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/ctyconv"
)

// Overlay is what a task adds to its compose project: the attributes compose_files and profiles. The scope of such a
// task is the scope of its file with the overlay: "+compose.test.yaml+profile:dev".
type Overlay struct {
	// Files are absolute paths.
	Files    []string
	Profiles []string
}

const (
	overlayMark   = "+"
	profilePrefix = "profile:"
)

// overlayEscapes keeps the mark out of names.
func overlayEscapes() *strings.Replacer { return strings.NewReplacer("%", "%25", overlayMark, "%2B") }

// key returns the overlay as a part of a scope. Paths are relative to the root of the project.
func (o Overlay) key(root string) string {
	var key strings.Builder
	for _, file := range o.Files {
		if relative, err := filepath.Rel(root, file); err == nil && filepath.IsLocal(relative) {
			file = relative
		}
		key.WriteString(overlayMark + overlayEscapes().Replace(file))
	}
	for _, profile := range o.Profiles {
		key.WriteString(overlayMark + profilePrefix + overlayEscapes().Replace(profile))
	}
	return key.String()
}

// SplitScope returns the scope of the file in a task's scope, and the overlay of the task. root is the root of the
// project.
func SplitScope(scope, root string) (fileScope string, o Overlay) {
	parts := strings.Split(scope, overlayMark)
	plain := strings.NewReplacer("%2B", overlayMark, "%25", "%")
	for _, part := range parts[1:] {
		part = plain.Replace(part)
		if profile, ok := strings.CutPrefix(part, profilePrefix); ok {
			o.Profiles = append(o.Profiles, profile)
		} else {
			o.Files = append(o.Files, ctyconv.AbsolutePath(part, root))
		}
	}
	return parts[0], o
}

// FileScope returns the scope of the file in a task's scope.
func FileScope(scope string) string {
	fileScope, _, _ := strings.Cut(scope, overlayMark)
	return fileScope
}

// overlayAttributes are the attributes of an overlay.
func overlayAttributes() []string { return []string{"compose_files", "profiles"} }

// evaluateOverlay sets the scope of a task. The attributes of the overlay come first: other attributes may refer to
// services of the overlay.
func (s *scope) evaluateOverlay(d *taskDraft) {
	for _, name := range overlayAttributes() {
		if a := s.run.block.Attrs[name]; a != nil && !s.run.block.IsOnlyInherited(a) && !s.setAttribute(d, a) {
			s.reportDeferred(a)
		}
	}
	s.run.overlayKey = d.overlay.key(s.in.Root)
	d.task.Scope += s.run.overlayKey
}

// setComposeFiles keeps the order: a later file wins.
func setComposeFiles(d *taskDraft, v cty.Value) error {
	files, err := ctyconv.AsList(v)
	if err != nil {
		return err
	}
	for _, name := range files {
		file := ctyconv.AbsolutePath(name, d.attributeDir)
		if _, err := os.Stat(file); err != nil {
			return ctyconv.WithPathStep(ctyconv.ElementKeyOf(v, name), fmt.Errorf("there is no file %s", file))
		}
		d.overlay.Files = append(d.overlay.Files, file)
	}
	return nil
}

// setProfiles sorts the profiles, because their order has no meaning.
func setProfiles(d *taskDraft, v cty.Value) error {
	profiles, err := ctyconv.AsList(v)
	slices.Sort(profiles)
	d.overlay.Profiles = slices.Compact(profiles)
	return err
}
