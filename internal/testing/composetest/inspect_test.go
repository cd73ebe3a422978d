package composetest

import (
	"fmt"
	"testing"
)

func TestFieldsAreComparable(t *testing.T) {
	one, other := Fields{}, Fields{}
	one.Add("", map[string]any{"Config": map[string]any{"Env": []any{"A=1", "B"}, "Cmd": []any{"x", "y"}}, "HostConfig": map[string]any{"Binds": nil, "CapAdd": []any{"B", "A"}}})
	other.Add("", map[string]any{"Config": map[string]any{"Env": []any{"B", "A=1"}, "Cmd": []any{"x", "y"}}, "HostConfig": map[string]any{"Binds": []any{}, "CapAdd": []any{"A", "B"}}})
	for path, value := range one {
		if other[path] != value {
			t.Errorf("%s: %q and %q", path, value, other[path])
		}
	}
	want := Fields{"Config.Env[A]": "1", "Config.Env[B]": "unset", "Config.Cmd[0]": "x", "Config.Cmd[1]": "y", "HostConfig.CapAdd": "A B"}
	if fmt.Sprint(one) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", one, want)
	}
}
