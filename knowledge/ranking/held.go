package ranking

// HeldOut is an example question as it is answered by what was learned without the
// fold that it belongs to.
type HeldOut struct {
	Question string
	Class    int     // that it is an example of
	Top      []int32 // the best divisions, best first
	Verdict  Verdict
}

// Held lists every example question of the divisions and the declined topics that
// everyone sees, in the order of the source.
func (v *View) Held() []HeldOut {
	var list []HeldOut
	k := &v.scope.confidence
	for i := range v.index.trials {
		t := &v.index.trials[i]
		if t.kind == Background || t.absent {
			continue
		}
		e := &v.index.examples[t.example]
		verdict := min(t.most, k.verdict(k.right.chance(&t.signals), k.ours.chance(&t.signals)))
		list = append(list, HeldOut{e.Text, e.Class, t.top[:t.n], verdict})
	}
	return list
}
