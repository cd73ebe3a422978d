//go:build unix

package sources

import (
	"fmt"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/internal/composeproject"
	"tasks/planner"
)

// The size of a large project.
const (
	benchFiles   = 30_000
	filesPerDir  = 9
	changedFiles = 10
)

// BenchmarkTenChangedFiles sends ten changed files of 30,000. Each round is another process: nothing is in memory. The
// store is one in memory, so the time is that of this program alone.
func BenchmarkTenChangedFiles(b *testing.B) {
	dir, files, store := b.TempDir(), memoryFiles{}, newImageStore(b)
	name := func(i int) string { return fmt.Sprintf("dir-%d/dir-%d/file-%d", i/filesPerDir%60, i/filesPerDir, i) }
	for i := range benchFiles {
		write(b, dir, name(i), strings.Repeat("x", 3000))
	}
	spec := planner.ContainerSpec{Image: "base", Labels: map[string]string{composeproject.LabelProject: "p"}}
	spec.Service.Name = "web"
	spec.Service.Volumes = []types.ServiceVolumeConfig{{Type: types.VolumeTypeBind, Source: dir, Target: "/app"}}
	prepare := func() {
		remote := NewRemote(store, "tcp://x", nil, dir, files)
		if _, err := remote.Prepare(b.Context(), spec, nil); err != nil {
			b.Fatal(err)
		}
	}
	prepare()
	round := 0
	for b.Loop() {
		b.StopTimer()
		round++
		for i := range changedFiles {
			write(b, dir, name(i*benchFiles/changedFiles), fmt.Sprint("changed ", round, strings.Repeat("y", 1000)))
		}
		b.StartTimer()
		prepare()
	}
}
