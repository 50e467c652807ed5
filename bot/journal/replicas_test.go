package journal

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestReplicas(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, open func() Store) {
		ctx := t.Context()
		s := open().(*database)
		defer closed(t, s)
		saw := func(r Replica) {
			t.Helper()
			if err := s.Saw(ctx, r); err != nil {
				t.Error(err)
			}
		}
		list := func(want ...Replica) {
			t.Helper()
			got, err := s.Replicas(ctx)
			if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Replica{}, "Seen")); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			for _, r := range got {
				if time.Since(r.Seen).Abs() > ReplicaLife+time.Minute {
					t.Errorf("%s was seen at %v", r.Name, r.Seen)
				}
			}
		}
		ago := func(r Replica, age time.Duration) {
			t.Helper()
			alter(t, s, "UPDATE replicas SET seen = seen - $1 WHERE name = $2", age.Milliseconds(), r.Name)
		}
		list()
		a, b := Replica{Name: "a", Version: "v1", File: "f1"}, Replica{Name: "b", Version: "v1", File: "f1"}
		saw(b)
		saw(a)
		list(a, b)
		a.File = "f2"
		saw(a)
		list(a, b)
		ago(b, ReplicaLife+time.Millisecond)
		list(a)
		saw(b)
		if err := s.Left(ctx, "b"); err != nil {
			t.Error(err)
		}
		list(a)
		saw(b)
		ago(a, replicaKept+time.Millisecond)
		if err := s.Left(ctx, "c"); err != nil {
			t.Error(err)
		}
		saw(a)
		list(a, b)
	})
}
