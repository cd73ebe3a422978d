package composefile

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/format"
	"github.com/compose-spec/compose-go/v2/interpolation"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/tree"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"
)

// valueChecker checks the texts of values.
type valueChecker struct{ *checker }

// valueParser reads the text of a value as the loader does.
type valueParser func(text string) error

// listParsers parse the items of an attribute of a service; scalarParsers parse the attribute itself.
func listParsers() map[string]valueParser {
	return map[string]valueParser{
		"ports": func(text string) error {
			_, err := types.ParsePortConfig(text)
			return err
		},
		"volumes": func(text string) error {
			_, err := format.ParseVolume(text)
			return err
		},
	}
}

func scalarParsers() map[string]valueParser {
	duration := func(text string) error { return new(types.Duration).DecodeMapstructure(text) }
	size := func(text string) error { return new(types.UnitBytes).DecodeMapstructure(text) }
	return map[string]valueParser{
		"stop_grace_period": duration, "healthcheck.interval": duration, "healthcheck.timeout": duration,
		"healthcheck.start_period": duration, "healthcheck.start_interval": duration,
		"deploy.restart_policy.delay": duration, "deploy.restart_policy.window": duration,
		"deploy.update_config.delay": duration, "deploy.update_config.monitor": duration,
		"deploy.resources.limits.memory": size, "deploy.resources.reservations.memory": size,
		"mem_limit": size, "mem_reservation": size, "memswap_limit": size, "shm_size": size, "build.shm_size": size,
	}
}

// valueRemedy returns the form of an attribute's values.
func valueRemedy(attribute string) string {
	switch {
	case attribute == "ports":
		return "Write [[IP:]HOST:]CONTAINER[/tcp|udp|sctp], for example \"8080:80\"."
	case attribute == "volumes":
		return "Write [SOURCE:]TARGET[:ro], for example ./data:/data."
	case isDuration(attribute):
		return "Write a number with a unit, for example 10s or 1m30s."
	}
	return "Write a number with a unit, for example 512m or 1g."
}

// checkValues reports ports, volumes, durations and sizes that the loader cannot read.
func (c valueChecker) checkValues(s source, root *yaml.Node) {
	for _, section := range []string{servicesKey, jobsKey} {
		entries(Value(root, section), func(name, service *yaml.Node) {
			if !s.isBase || c.isExtended(s, []string{section, name.Value}) {
				c.checkService(s, strings.TrimSuffix(section, "s")+" "+name.Value, service)
			}
		})
	}
}

// checkService checks the values of a service or job. The owner is for messages: "service web".
func (c valueChecker) checkService(s source, owner string, service *yaml.Node) {
	for attribute, parse := range listParsers() {
		for _, item := range items(Value(service, attribute)) {
			c.checkValue(s, owner+": "+attribute, attribute, item, parse)
		}
	}
	for attribute, parse := range scalarParsers() {
		node := Value(service, strings.Split(attribute, ".")...)
		c.checkValue(s, owner+": "+attribute, attribute, node, parse)
	}
	c.checkHealthcheckTest(s, owner, Value(service, "healthcheck", "test"))
	c.checkBindMounts(s, owner, Value(service, "volumes"))
}

// checkValue reports a value that the parser rejects.
func (c valueChecker) checkValue(s source, about, attribute string, node *yaml.Node, parse valueParser) {
	node = dereference(node)
	if isNull(node) || node.Kind != yaml.ScalarNode || c.explained[node] {
		return
	}
	text, missing, err := s.interpolate(node.Value)
	if err != nil || len(missing) > 0 {
		return
	}
	if err := parse(text); err != nil {
		detail := c.unsetNote(s, node)
		if detail == "" {
			detail = valueRemedy(attribute)
		}
		c.reportAt(s.File, node, about+": "+valueFact(attribute, text, err), detail)
	}
}

// valueFact says what is wrong with a value. err is the error of the parser.
func valueFact(attribute, text string, err error) string {
	switch {
	case attribute == "volumes":
		return err.Error()
	case attribute != "ports" && isDuration(attribute):
		return fmt.Sprintf("%q is not a duration", text)
	case attribute != "ports":
		return fmt.Sprintf("%q is not a size", text)
	}
	address, _, _ := strings.Cut(text, "/")
	for part := range strings.FieldsFuncSeq(address, func(r rune) bool { return r == ':' || r == '-' }) {
		if n, isNumber := new(big.Int).SetString(part, 10); isNumber && (n.Sign() == 0 || n.Cmp(big.NewInt(maxPort)) > 0) {
			return fmt.Sprintf("port %s is out of range (1–%d)", part, maxPort)
		}
	}
	return err.Error()
}

// maxPort is the highest port of TCP, UDP and SCTP.
const maxPort = 65535

// isDuration reports whether an attribute with a unit is a duration; else a size.
func isDuration(attribute string) bool {
	return strings.HasPrefix(attribute, "healthcheck.") || attribute == "stop_grace_period" ||
		strings.HasPrefix(attribute, "deploy.") && !strings.HasSuffix(attribute, ".memory")
}

// checkHealthcheckTest reports a test with a wrong first word.
func (c valueChecker) checkHealthcheckTest(s source, owner string, test *yaml.Node) {
	words := items(test)
	if len(words) == 0 || words[0].Kind != yaml.ScalarNode || hasVariable(words[0]) {
		return
	}
	switch words[0].Value {
	case "CMD", "CMD-SHELL", "NONE":
		return
	}
	c.reportAt(s.File, test, owner+": the test of a healthcheck must begin with CMD, CMD-SHELL or NONE",
		"A text instead of a list is a command for the shell.")
}

// checkBindMounts reports bind mounts in the long form without a source.
func (c valueChecker) checkBindMounts(s source, owner string, list *yaml.Node) {
	for _, item := range items(list) {
		mount, source := Value(item, "type"), Value(item, "source")
		if mount == nil || mount.Value != types.VolumeTypeBind || source != nil && source.Value != "" {
			continue
		}
		c.reportAt(s.File, item, owner+": volumes: the bind mount has no source",
			"Add the path on the host: `source: ./data`.")
	}
}

// casts are the conversions of texts to numbers and booleans by the path of a value.
var casts = sync.OnceValue(func() map[tree.Path]interpolation.Cast {
	return loader.ToOptions(&types.ConfigDetails{}, nil).Interpolate.TypeCastMapping
})

// checkCasts reports texts that the loader cannot convert to numbers and booleans.
func (c valueChecker) checkCasts(s source, node *yaml.Node, path []string) {
	node = dereference(node)
	switch {
	case node == nil || c.explained[node] || len(path) > maxDepth:
	case node.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			c.checkCasts(s, node.Content[i+1], append(slices.Clone(path), node.Content[i].Value))
		}
	case node.Kind == yaml.SequenceNode:
		for i, item := range node.Content {
			c.checkCasts(s, item, append(slices.Clone(path), strconv.Itoa(i)))
		}
	case node.ShortTag() == "!!str" && len(path) > 0:
		c.checkCast(s, node, path)
	}
}

func (c valueChecker) checkCast(s source, node *yaml.Node, path []string) {
	if s.isBase && !c.isExtended(s, path) {
		return
	}
	text, missing, err := s.interpolate(node.Value)
	if err != nil || len(missing) > 0 {
		return
	}
	cast := castFor(path)
	if cast == nil {
		return
	}
	if _, err := cast(text); err != nil {
		want := "true or false"
		if _, isNumber := errors.AsType[*strconv.NumError](err); isNumber {
			want = "a number"
		}
		message := fmt.Sprintf("%s must be %s, not %q", strings.Join(path, "."), want, text)
		c.reportAt(s.File, node, message, c.unsetNote(s, node))
	}
}

// castFor returns the conversion of a path, or nil. An index matches any item of a list.
func castFor(path []string) interpolation.Cast {
	parts := slices.Clone(path)
	for i, part := range parts {
		if _, err := strconv.Atoi(part); err == nil {
			parts[i] = tree.PathMatchList
		}
	}
	for pattern, cast := range casts() {
		if tree.NewPath(parts...).Matches(pattern) {
			return cast
		}
	}
	return nil
}
