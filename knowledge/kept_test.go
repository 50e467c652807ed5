package knowledge

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestKeptCalibration holds the calibration that is part of the program to what the shipped
// file gives, and checks that it is in use.
func TestKeptCalibration(t *testing.T) {
	t.Parallel()
	inputs, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	base, problems := Load(inputs)
	if problems.Err() != nil {
		t.Fatal(problems.Err())
	}
	want := kept{Version(inputs), base.Calibration()}
	if *update {
		data, err := json.MarshalIndent(want, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("divisions.calibration.json", append(data, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	var got kept
	if err := json.Unmarshal(calibrationOfShipped, &got); err != nil {
		t.Fatal(err)
	}
	near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-6 }) // processors differ beyond that
	if diff := cmp.Diff(want, got, near); diff != "" {
		t.Errorf("divisions.calibration.json differs from what the file gives; -update writes it (-want +got):\n%s", diff)
	}
	s, problems := NewSnapshot(inputs, Fast)
	if problems.Err() != nil {
		t.Fatal(problems.Err())
	}
	if len(s.For("").Held()) > 0 {
		t.Error("a snapshot of the shipped file tries its examples")
	}
	inputs[0].Data = append(inputs[0].Data, "# changed\n"...)
	if s, _ = NewSnapshot(inputs, Fast); len(s.For("").Held()) == 0 {
		t.Error("a changed file is not calibrated anew")
	}
}
