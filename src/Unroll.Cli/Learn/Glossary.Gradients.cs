namespace Unroll.Cli.Learn;

/// <content>Gradients and what is measured of them.</content>
internal static partial class Glossary
{
    private const string Diagnosis = "diagnose.md", Analysis = "analysis.md", Dynamics = "dynamics.md", Updates = "updates.md";

    private static IEnumerable<Term> OfGradients() =>
    [
        Of("error signal", "||dE_t/dx_(t-lag)||; ||dE/dx||; by_lag; by_step; signal; lower; upper",
            "The derivative of a cost with respect to a state some steps earlier. Its norm says how much that step can "
            + "still learn from the cost. Lower and upper are its first and ninth decile over the sequences.", Diagnosis),
        Of("lag", "steps back; long_term_from",
            "The number of steps from a cost back to the state that is looked at.", Diagnosis),
        Of("verdict", "",
            "What a diagnosis says in one word: vanishing, exploding or healthy.", Diagnosis),
        Of("vanishing", "vanishing gradient; vanished_by; zero_from",
            "Less than a thousandth of the error signal is left at long lags, so what happened there cannot be learned.",
            Diagnosis),
        Of("exploding", "exploding gradient; exploding_probability",
            "The error signal grows a hundredfold on its way back in some sequence, or a gradient is not finite. One such "
            + "update can undo many others; clipping bounds it.", Diagnosis),
        Of("healthy", "",
            "The error signal reaches the first step and does not grow out of proportion.", Diagnosis),
        Of("rate", "measured_rate; a step",
            "The factor by which the error signal changes with each step back, from a straight line through its "
            + "logarithms. 0.95 leaves a thousandth after 135 steps.", Diagnosis),
        Of("bounds", "must_vanish; can_explode; bounds_hold",
            "What the weights of one plain layer alone say: with eta below 1 gradients must vanish, with eta above 1 they "
            + "can explode.", Diagnosis),
        Of("gamma", "1/gamma",
            "The largest slope of the nonlinearity: 1 for tanh and rectified units, 1/4 for the sigmoid.", Analysis),
        Of("eta", "",
            "gamma times the largest singular value of W_rec: no step back can scale the error signal by more.", Analysis),
        Of("largest singular value", "sigma_max; largest_singular_value",
            "The most by which a matrix lengthens a vector. Below 1/gamma, gradients of a plain layer must vanish.", Analysis),
        Of("spectral radius", "radius; spectral_radius",
            "The largest absolute eigenvalue of the recurrent weights (of other cells and stacks: of the Jacobian of the "
            + "state at rest). It decides between vanishing and exploding only for linear networks.", Analysis),
        Of("eigenvalue", "eigenvector",
            "A number by which a matrix scales a direction that it leaves as it is.", Dynamics),
        Of("Jacobian", "state_jacobian; jacobian; ds_t/ds_(t-1)",
            "The matrix of derivatives of a state with respect to the state one step before. Products of Jacobians carry "
            + "the error signal back.", Analysis),
        Of("long-term", "long_term_share; long_term_quantiles; long-term share",
            "The share of the temporal components' norm at lags of at least half the length: how much of the gradient is "
            + "about long memories.", Diagnosis),
        Of("temporal component", "components",
            "The part of a gradient that one cost sends to the weights through one earlier step. The gradient is the sum "
            + "of all.", Analysis),
        Of("norm", "|g|; gradient norm; gradient_norm; gradient_norms",
            "The Euclidean length of the whole gradient, before clipping; while training, the mean since the check "
            + "before.", Updates),
        Of("saturated", "saturation; units; shut; open; low; high",
            "A unit whose slope is below a tenth of its maximum: it passes almost no error back. A gate that is open is "
            + "saturated and passes everything, which is no fault.", Diagnosis),
        Of("dead unit", "dead ReLU",
            "A rectified unit whose sum is below 0 at every step: its output and its gradient are 0, and no update brings "
            + "it back.", Diagnosis),
        Of("states", "Lyapunov exponent; lyapunov_exponent",
            "Whether states that start close part or come together, as the largest Lyapunov exponent in nats a step: "
            + "above 0 they part.", Diagnosis),
        Of("direction", "error_direction; ratio; singular_values_below",
            "How one step back scales the error signal along its own direction, which Omega asks to be 1, and how many of "
            + "the step's singular values are below that.", Diagnosis),
        Of("curvature", "learning_rate_bound; Hessian",
            "The largest second derivative of the loss. Descent along that direction diverges at rates above 2 / "
            + "curvature.", Dynamics),
        Of("wall", "",
            "A place where the loss rises steeply from a flat valley. A step taken there without clipping is thrown far "
            + "away; the loss then jumps.", Dynamics),
        Of("attractor", "basin; fixed point",
            "A state, or a set of states, to which others are drawn. Its basin is where they come from. A memory that "
            + "holds is an attractor.", Dynamics),
        Of("bifurcation", "fold; flip",
            "A value of a parameter at which attractors appear or vanish, so that a small change of the parameter changes "
            + "where states end.", Dynamics),
        Of("Omega", "regularizer; omega_gradient; omega_by_step; term",
            "The regularizer against vanishing gradients (section 3.3): it asks each step back to keep the norm of the "
            + "error signal. --omega is its weight.", Updates),
        Of("kept", "omega_kept; entries kept",
            "The share of (step, sequence) entries whose error signal is large enough for Omega to use. At 0% Omega does "
            + "nothing.", Diagnosis),
        Of("clipping", "clip; --clip; clip_mode; threshold; clip_threshold",
            "A gradient longer than the threshold is rescaled to it, direction unchanged (section 3.2).", Updates),
        Of("clipped", "clip rate; clip_rate; clip_mean",
            "The share of updates whose gradient was longer than the threshold.", Updates),
        Of("not finite", "non_finite; NaN",
            "Infinite, or no number: the computation overflowed. --on-nonfinite says what happens then.", Updates),
        Of("leak of the target", "leaking target",
            "An input that already contains what is to be predicted, so that a network looks perfect and is of no use.",
            Diagnosis),
        Of("advice", "about; because; section; value; hurts; expect; torch; csharp",
            "What a diagnosis tells to change, ranked, with what was seen, why it hurts, the option, the same in PyTorch "
            + "and in C#, and what to expect.", Diagnosis),
        Of("remedy", "Remedies",
            "What is done against exploding or vanishing gradients: clipping (C), Omega (R), and others.", Updates),
    ];
}
