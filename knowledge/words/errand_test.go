package words

import "testing"

func TestIsErrand(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"write a letter to my landlord":              true,
		"Can you please summarize this for the team": true,
		"book me a flight to Denver":                 true,
		"order lunch for us":                         true,
		"remind me of the meeting":                   true,

		"who writes letters to landlords": false,
		"write":                           false,
		"draft regulations":               false,
		"book a meeting room":             false,
		"order new laptops":               false,
		"I need to cancel my contract":    false,
		"tell me who handles leave":       false,
		"find me the boiler people":       false,
		"":                                false,
	} {
		if got := IsErrand(Split(text)); got != want {
			t.Errorf("%q: %v, not %v", text, got, want)
		}
	}
}
