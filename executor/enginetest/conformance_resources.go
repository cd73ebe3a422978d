package enginetest

import (
	"slices"
	"sync"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/engine"
	"tasks/planner"
)

func oneNetwork(f *fixture) {
	n := f.network("default")
	first, made := f.createNetwork(n)
	if !made {
		f.Error("made = false for a new network")
	}
	second, made := f.createNetwork(n)
	if made || second != first {
		f.Errorf("the second creation gave %s, made %t; want %s, false", second, made, first)
	}
	f.noError(f.engine.RemoveNetwork(f.Context(), first))
	f.noError(f.engine.RemoveNetwork(f.Context(), first))
}

func oneNetworkOfMany(f *fixture) {
	const creators = 6
	ids, makers := f.createAtOnce(creators)
	slices.Sort(ids)
	if unique := slices.Compact(ids); len(unique) != 1 || makers != 1 {
		f.Errorf("%d creators got %d networks, and %d of them made one; want 1 and 1", creators, len(unique), makers)
	}
}

// createAtOnce lets many create one network, and returns all ids and how many have made theirs.
func (f *fixture) createAtOnce(creators int) (ids []string, makers int) {
	n := f.network("default")
	var all sync.WaitGroup
	var mu sync.Mutex
	for range creators {
		all.Go(func() {
			id, made, err := f.engine.CreateNetwork(f.Context(), n)
			mu.Lock()
			defer mu.Unlock()
			f.noError(err)
			ids = append(ids, id)
			if made {
				makers++
				f.networks = append(f.networks, id)
			}
		})
	}
	all.Wait()
	return ids, makers
}

func networkInUse(f *fixture) {
	n := f.network("default")
	network, _ := f.createNetwork(n)
	spec := f.spec("web", "SLEEP=forever")
	spec.Service.NetworkMode = ""
	spec.Networks = []planner.Endpoint{{Key: "default", Network: n.Name, Aliases: []string{"web"}}}
	id := f.create(spec)
	f.start(id)
	f.isConflict(f.engine.RemoveNetwork(f.Context(), network))
	if got := f.inspect(id).Networks; got[n.Name] != network {
		f.Errorf("networks %v, want %s: %s", got, n.Name, network)
	}
	f.noError(f.engine.RemoveContainer(f.Context(), id, engine.RemoveVolumes))
	f.noError(f.engine.RemoveNetwork(f.Context(), network))
}

func oneVolume(f *fixture) {
	v := f.volume("data")
	if !f.createVolume(v) {
		f.Error("made = false for a new volume")
	}
	if f.createVolume(v) {
		f.Error("made = true for a volume that is there")
	}
	f.noError(f.engine.RemoveVolume(f.Context(), v.Name))
	f.noError(f.engine.RemoveVolume(f.Context(), v.Name))
}

func volumeInUse(f *fixture) {
	v := f.volume("data")
	f.createVolume(v)
	spec := f.spec("db")
	spec.Volumes = map[string]string{"data": v.Name}
	spec.Service.Volumes = []types.ServiceVolumeConfig{{Type: "volume", Source: "data", Target: "/data"}}
	id := f.create(spec)
	f.isConflict(f.engine.RemoveVolume(f.Context(), v.Name))
	for name, want := range map[string]int{v.Name: 1, v.Name[:len(v.Name)-1]: 0, f.project + "-none": 0} {
		if users, err := f.engine.VolumeUsers(f.Context(), name); err != nil || len(users) != want || want > 0 && users[0].ID != id {
			f.Errorf("the users of volume %s: %v, %v; want %d", name, users, err, want)
		}
	}
	if mounts := f.inspect(id).Mounts; len(mounts) != 1 || mounts[0].Name != v.Name || mounts[0].Destination != "/data" {
		f.Errorf("mounts %+v, want %s at /data", mounts, v.Name)
	}
	f.noError(f.engine.RemoveContainer(f.Context(), id, engine.RemoveVolumes))
	f.noError(f.engine.RemoveVolume(f.Context(), v.Name))
}

func images(f *fixture) {
	image, err := f.engine.InspectImage(f.Context(), f.image, "")
	f.noError(err)
	if image.ID == "" {
		f.Error("the image has no id")
	}
	_, err = f.engine.InspectImage(f.Context(), f.project+":nope", "")
	f.isNotFound(err)
}
