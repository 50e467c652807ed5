package knowledge

import (
	_ "embed"
	"encoding/json"

	"frontdesk/knowledge/ranking"
)

// divisions.calibration.json is the calibration of the shipped file, whose examples would
// otherwise be tried at every start, which takes half as long as all the rest. A test
// compares it with what is found out anew;
//
//	go test ./knowledge -run TestKeptCalibration -update
//
// writes it after a change of the file or of the ranking.
//
//go:embed divisions.calibration.json
var calibrationOfShipped []byte

// kept is a calibration and the version of the file that it is for.
type kept struct {
	Version string `json:"version"`
	ranking.Calibration
}

// keptCalibration is the calibration of a version of the file, or nil if none is kept.
func keptCalibration(version string) *ranking.Calibration {
	var k kept
	if err := json.Unmarshal(calibrationOfShipped, &k); err != nil || k.Version != version {
		return nil
	}
	return &k.Calibration
}
