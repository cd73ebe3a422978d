package planner

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A long list of needs is searched in another way than a short list.
func TestNeedIsOneEdge(t *testing.T) {
	for _, others := range []int{1, linearSearchLimit, 3 * linearSearchLimit} {
		t.Run(fmt.Sprint(others), func(t *testing.T) {
			s := &Step{}
			var want []Need
			for i := range others {
				id := taskID(fmt.Sprint(i))
				s.addNeed(id, "first", true)
				s.addEndNeed(Need{Step: id, EndOnly: true})
				s.addNeed(id, "again", i%2 == 0)
				want = append(want, Need{Step: id, Reason: "first", Optional: i%2 == 0})
			}
			s.addEndNeed(Need{Step: "task/last", EndOnly: true})
			s.addNeed("task/last", "after all", false)
			want = append(want, Need{Step: "task/last"})
			s.addNeed(taskID("0"), "at the end", false)
			want[0].Optional = false
			if diff := cmp.Diff(want, s.Needs); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
