package main

import (
	"errors"
	"fmt"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// shared are the settings that all replicas must have in common, from a secret.
var shared = []string{"FRONTDESK_STORE", "FRONTDESK_JOURNAL_KEY"}

// checkReplicas checks a Deployment of several replicas: that one is always there while they
// are updated and while nodes are, that they are on different nodes if possible, and that they
// have the same store.
func (all *objects) checkReplicas(d *apps.Deployment) []error {
	replicas := 1 // the default
	if d.Spec.Replicas != nil {
		replicas = int(*d.Spec.Replicas)
	}
	if replicas < 2 {
		return nil
	}
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }

	if u := d.Spec.Strategy.RollingUpdate; d.Spec.Strategy.Type != apps.RollingUpdateDeploymentStrategyType ||
		u == nil || u.MaxUnavailable == nil || *u.MaxUnavailable != intstr.FromInt32(0) {
		bad("an update must leave %d replicas: RollingUpdate with maxUnavailable: 0", replicas)
	}
	budgets := 0
	for _, b := range all.budgets {
		if selects(b.Spec.Selector, d) {
			budgets++
			if err := checkBudget(b, replicas); err != nil {
				bad("disruption budget %s: %w", b.Name, err)
			}
		}
	}
	if budgets != 1 { // a pod with two cannot be evicted
		bad("%d disruption budgets match its pods; there must be one", budgets)
	}
	spread := false
	for _, c := range d.Spec.Template.Spec.TopologySpreadConstraints {
		switch c.WhenUnsatisfiable {
		case core.ScheduleAnyway:
			spread = spread || c.TopologyKey == core.LabelHostname && selects(c.LabelSelector, d)
		case core.DoNotSchedule:
			bad("a cluster of one node has no place for it: whenUnsatisfiable must be %s", core.ScheduleAnyway)
		default:
			bad("there is no whenUnsatisfiable %q", c.WhenUnsatisfiable)
		}
	}
	if !spread {
		bad("no topologySpreadConstraint puts its pods on different nodes")
	}
	for _, c := range d.Spec.Template.Spec.Containers {
		for _, name := range shared {
			if !required(c.Env, name) {
				bad("container %s: all replicas must have the same %s, from a secret that is not optional", c.Name, name)
			}
		}
	}
	return problems
}

// checkBudget checks that a node can be emptied, and that a replica stays.
func checkBudget(b *policy.PodDisruptionBudget, replicas int) error {
	gone, stay := b.Spec.MaxUnavailable, b.Spec.MinAvailable
	switch {
	case gone != nil && stay != nil:
		return errors.New("it has minAvailable and maxUnavailable")
	case gone != nil && gone.Type == intstr.Int && gone.IntValue() > 0 && gone.IntValue() < replicas:
		return nil
	case stay != nil && stay.Type == intstr.Int && stay.IntValue() > 0 && stay.IntValue() < replicas:
		return nil
	}
	return fmt.Errorf("of %d replicas, some must stay and some may go", replicas)
}

// selects reports whether a selector matches the pods of a Deployment, and not all pods.
func selects(s *meta.LabelSelector, d *apps.Deployment) bool {
	selector, err := meta.LabelSelectorAsSelector(s)
	return err == nil && !selector.Empty() && selector.Matches(labels.Set(d.Spec.Template.Labels))
}

// required reports whether a variable comes from a secret without which no pod starts.
func required(env []core.EnvVar, name string) bool {
	for _, e := range env {
		if e.Name == name {
			return e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil &&
				(e.ValueFrom.SecretKeyRef.Optional == nil || !*e.ValueFrom.SecretKeyRef.Optional)
		}
	}
	return false
}
