namespace Unroll.Cli.Learn;

/// <content>What networks are made of, and where they start.</content>
internal static partial class Glossary
{
    private const string Recipes = "recipes.md", Extending = "extending.md";

    private static IEnumerable<Term> OfNetworks() =>
    [
        Of("network", "model; parameters",
            "Layers of units and a head. Its parameters are all its weights and biases.", Extending),
        Of("unit", "units; hidden; hidden units; --hidden",
            "One number of a layer's state. More units can keep more at once."),
        Of("W_rec", "recurrent weights; weight_hh_l0",
            "The matrix by which a layer's state enters the next step.", Analysis),
        Of("plain", "plain network; vanilla",
            "A layer h_t = sigma(W_rec h_(t-1) + W_in u_t + b), as in the paper.", Extending),
        Of("leaky", "leak; --leak; --train-leak",
            "A plain layer that keeps a share 1 - leak of its state at each step. A leak of 1/T remembers about T steps.",
            Extending),
        Of("LSTM", "c; forget gate; i; f; g; o",
            "A layer with a second state c that gates write (i), keep (f) and read (o).", Extending),
        Of("GRU", "r; z; n",
            "A layer whose state is a mixture of the old state and a new one n, with a gate z as the share.", Extending),
        Of("dense layer", "dense; feed-forward layer",
            "A layer without a memory: its units are sigma of a weighted sum of their inputs at the same step. Beneath a "
            + "recurrent layer it changes what that reads (--stack dense:64:relu,gru:128).", Extending),
        Of("LRU", "linear recurrent unit; diagonal linear recurrence",
            "A layer whose units are complex numbers that each step multiplies by a pole of their own and adds inputs to; "
            + "nothing nonlinear stands between two steps (Orvieto et al., 2023).", Extending),
        Of("pole", "ring; --ring; lambda",
            "The complex number, of a size below 1, by which an LRU multiplies its state at each step. A size of 1 - 1/T "
            + "remembers about T steps.", Recipes),
        Of("gate", "",
            "A number between 0 and 1 by which a cell multiplies what it keeps, takes in or lets out.", Extending),
        Of("layer", "layers; --layers; stack; --stack",
            "Units that read the same inputs; a layer above reads the states of the one below.", Extending),
        Of("cell", "--cell",
            "What the units of a layer compute: plain, leaky, LSTM, GRU, LRU or dense.", Extending),
        Of("layer normalization", "normalized layer; --layer-norm; gain",
            "The sums that each gate of a layer reads, moved and scaled to mean 0 and variance 1 over the units at every step, "
            + "and multiplied by a trained gain each (Ba et al., 2016).", Recipes),
        Of("head", "outputs; softmax; linear",
            "The last, linear part of a network, with its cost: classes by softmax, numbers by squared error.", Extending),
        Of("state", "h; carried state; s; x; initial state",
            "What a network carries from step to step. x is a unit before its nonlinearity, h after it, s the whole state "
            + "of all layers.", Analysis),
        Of("activation", "--activation; tanh; sigmoid; relu; identity; sigma",
            "The nonlinearity of the units.", Analysis),
        Of("initialization", "init; --init; sparse-incoming; basic-tanh; fan-in",
            "Where the weights start.", Recipes),
        Of("smart-tanh", "smart tanh",
            "Sparse normal recurrent weights, 15 links a unit, scaled to spectral radius 0.95.", Recipes),
        Of("orthogonal", "",
            "Recurrent weights that keep every length: all singular values are 1.", Recipes),
        Of("chrono", "--chrono; chrono initialization; forget bias; --forget-bias",
            "Biases of the gates that keep, drawn so that units begin with memories of 2 to T steps (Tallec and Ollivier, "
            + "2018).", Recipes),
        Of("uniform", "",
            "Weights drawn evenly within 1 / sqrt(H) of zero, as PyTorch does.", Recipes),
        Of("dropout", "--dropout; --input-dropout; --output-dropout",
            "Numbers set to 0 at random while training, against memorizing.", Updates),
        Of("frozen", "--frozen; echo state",
            "Parameters that training leaves as they are.", Updates),
        Of("reading", "read; --read; last; mean; max",
            "What a head that predicts once a sequence reads: the last state, the mean of all, or the largest value of "
            + "each unit.", Extending),
        Of("precision", "--precision; float; double",
            "The arithmetic of training: 32 or 64 bits.", Updates),
    ];
}
