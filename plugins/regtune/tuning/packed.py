"""The arithmetic of engine `packed`: what QLoRA needs of a Qwen3 forward and backward pass, and no more.

In: a Qwen3 model in NF4 with a LoRA adapter (peft). Out: a forward pass that returns the summed or mean loss.

- Rows lie end to end, without padding, through every linear layer; only attention sees them as rows.
- A frozen weight takes no gradient, so a projection keeps its input and nothing else. Projections of one input go
  together, and the adapter's product is added where the base's lies (Hu et al. 2021; the hand-written backward pass
  is the idea of Unsloth's fast LoRA).
- Weights are made 16 bit once for a pass over all rows at hand, or once for the training where the card has room
  (`Projection.unpack`): the numbers are those of NF4 either way.
- Logits exist at answer tokens only, a few hundred at a time.
- As many layers as memory asks for are computed again in the backward pass, not all or none (`Packed.recomputed`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch  # noqa: TID253 - the module is imported where a model is at hand
import torch.nn.functional as F  # noqa: N812, TID253 - its usual name
from torch.utils.checkpoint import checkpoint  # noqa: TID253

from regtune.tuning.rows import UNTRAINED

if TYPE_CHECKING:
    from peft import PeftModel
    from torch import Tensor, nn

FUSED = True
"""Use liger-kernel's Triton kernels on a GPU; the benchmark turns them off to see what they give."""
LOGITS_AT_A_TIME = 256
"""Tokens; one takes 150,000 floats several times over."""


class Projection:
    """One frozen linear layer with its adapter, if it has one."""

    def __init__(self, layer: "nn.Module") -> None:
        """Take peft's layer, or a bare 4-bit one."""
        adapters = getattr(layer, "lora_A", {})
        self._base: Any = getattr(layer, "base_layer", layer)
        self._whole: Tensor | None = None
        self.adapter: tuple[Any, Any] = (None, None)
        self.scaling = 0.0
        for name in adapters:
            self.adapter = (layer.lora_A[name].weight, layer.lora_B[name].weight)
            self.scaling = layer.scaling[name]

    def weight(self) -> "Tensor":
        """The base's weight, (out, in), in the precision that is computed in."""
        if self._whole is not None:
            return self._whole
        from bitsandbytes.functional import dequantize_4bit

        return dequantize_4bit(self._base.weight.data, self._base.weight.quant_state)

    def unpack(self, *, keep: bool) -> None:
        """Keep the weight as `weight` gives it, so that no pass has to make it anew; or let it go again."""
        if not keep:
            self._whole = None
        elif self._whole is None:
            self._whole = self.weight()


class _Project(torch.autograd.Function):  # type: ignore[misc]  # its base is untyped
    """Several projections of one input, (tokens, in) -> (tokens, out) each."""

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401 - torch's own
        inputs: "Tensor",
        projections: Sequence[Projection],
        *adapters: "Tensor | None",
    ) -> tuple["Tensor", ...]:
        outputs, lowered = [], []
        for projection, down, up in zip(projections, adapters[::2], adapters[1::2], strict=True):
            output = inputs @ projection.weight().T
            if down is not None and up is not None:
                low = inputs @ down.to(inputs.dtype).T
                output.addmm_(low, up.to(inputs.dtype).T, alpha=projection.scaling)
                lowered.append(low)
            else:
                lowered.append(None)
            outputs.append(output)
        ctx.projections = projections
        ctx.save_for_backward(inputs, *lowered, *adapters)
        return tuple(outputs)

    @staticmethod
    def backward(ctx: Any, *gradients: "Tensor") -> tuple[Any, ...]:  # noqa: ANN401 - torch's own
        inputs, *kept = ctx.saved_tensors
        lowered, adapters = kept[: len(gradients)], kept[len(gradients) :]
        of_inputs = None
        of_adapters: list[Tensor | None] = []
        for projection, gradient, low, down, up in zip(
            ctx.projections, gradients, lowered, adapters[::2], adapters[1::2], strict=True
        ):
            if ctx.needs_input_grad[0]:
                weight = projection.weight()
                of_inputs = gradient @ weight if of_inputs is None else of_inputs.addmm_(gradient, weight)
            if down is None:
                of_adapters += [None, None]
                continue
            of_low = (gradient @ up.to(gradient.dtype)).mul_(projection.scaling)
            if of_inputs is not None:
                of_inputs.addmm_(of_low, down.to(gradient.dtype))
            of_adapters += [of_low.T @ inputs, (gradient.T @ low).mul_(projection.scaling)]
        return of_inputs, None, *of_adapters


def project(inputs: "Tensor", *projections: Projection) -> tuple["Tensor", ...]:
    """Send (tokens, in) through each projection."""
    adapters = [weight for projection in projections for weight in projection.adapter]
    outputs: tuple[Tensor, ...] = _Project.apply(inputs, projections, *adapters)
    return outputs


class _Gate(torch.autograd.Function):  # type: ignore[misc]  # its base is untyped
    """silu(gate) * up; the gradients take the place of what they were computed from."""

    @staticmethod
    def forward(ctx: Any, gate: "Tensor", up: "Tensor") -> "Tensor":  # noqa: ANN401 - torch's own
        ctx.save_for_backward(gate, up)
        return F.silu(gate).mul_(up)

    @staticmethod
    def backward(ctx: Any, gradient: "Tensor") -> tuple["Tensor", "Tensor"]:  # noqa: ANN401 - torch's own
        gate, up = ctx.saved_tensors
        of_up = F.silu(gate).mul_(gradient)
        return torch.ops.aten.silu_backward(gradient * up, gate), of_up


@dataclass(frozen=True)
class Shape:
    """Where the tokens of a batch of rows, padded on the right, lie."""

    rows: int
    longest: int
    places: "Tensor"
    """Of every real token in the padded batch, flattened."""

    def padded(self, tokens: "Tensor") -> "Tensor":
        """(tokens, heads, size) -> (rows, heads, longest, size)."""
        cells = self.rows * self.longest
        if len(tokens) < cells:
            tokens = tokens.new_zeros(cells, *tokens.shape[1:]).index_copy(0, self.places, tokens)
        return tokens.view(self.rows, self.longest, *tokens.shape[1:]).transpose(1, 2)

    def packed(self, rows: "Tensor") -> "Tensor":
        """(rows, heads, longest, size) -> (tokens, heads * size)."""
        cells = rows.transpose(1, 2).reshape(self.rows * self.longest, -1)
        return cells if len(self.places) == len(cells) else cells.index_select(0, self.places)


class Layer:
    """One decoder layer of Qwen3."""

    def __init__(self, layer: "nn.Module") -> None:
        """Take transformers' layer."""
        self._layer: Any = layer
        attention, mlp = self._layer.self_attn, self._layer.mlp
        self.attention_in = tuple(Projection(part) for part in (attention.q_proj, attention.k_proj, attention.v_proj))
        self.attention_out = Projection(attention.o_proj)
        self.mlp_in = (Projection(mlp.gate_proj), Projection(mlp.up_proj))
        self.mlp_out = Projection(mlp.down_proj)

    @property
    def projections(self) -> tuple[Projection, ...]:
        """All seven."""
        return (*self.attention_in, self.attention_out, *self.mlp_in, self.mlp_out)

    def forward(self, hidden: "Tensor", angles: "tuple[Tensor, Tensor]", shape: Shape) -> "Tensor":
        """(tokens, width) -> (tokens, width)."""
        hidden = hidden + self._attend(_normed(hidden, self._layer.input_layernorm), angles, shape)
        inputs = _normed(hidden, self._layer.post_attention_layernorm)
        (added,) = project(_gated(*project(inputs, *self.mlp_in)), self.mlp_out)
        return hidden + added

    def _attend(self, inputs: "Tensor", angles: "tuple[Tensor, Tensor]", shape: Shape) -> "Tensor":
        attention = self._layer.self_attn
        query, key, value = (
            output.view(len(inputs), -1, attention.head_dim) for output in project(inputs, *self.attention_in)
        )
        query, key = _turned(_normed(query, attention.q_norm), _normed(key, attention.k_norm), angles)
        seen = F.scaled_dot_product_attention(
            shape.padded(query),
            shape.padded(key),
            shape.padded(value),
            dropout_p=attention.attention_dropout if attention.training else 0.0,
            is_causal=True,  # padding comes after every token that counts, so it needs no mask
            scale=attention.scaling,
            enable_gqa=True,
        )
        (output,) = project(shape.packed(seen), self.attention_out)
        return output


@dataclass
class Packed:
    """The forward pass, in place of the model's own."""

    model: Any
    """Qwen3ForCausalLM with the adapter's layers in it."""
    layers: Sequence[Layer]
    recomputed: int = 0
    """The first layers; their activations are not kept for the backward pass."""

    def arrange(self, recomputed: int, *, whole_weights: bool) -> None:
        """Compute the first `recomputed` layers again in the backward pass, and keep weights in 16 bit or not."""
        self.recomputed = recomputed
        for layer in self.layers:
            for projection in layer.projections:
                projection.unpack(keep=whole_weights)

    def forward(
        self,
        input_ids: "Tensor",
        attention_mask: "Tensor",
        labels: "Tensor",
        num_items_in_batch: "Tensor | int | None" = None,
        **_: object,
    ) -> "dict[str, Tensor]":
        """Mean loss over answer tokens, as transformers' own forward pass gives it.

        Args:
            input_ids: (rows, longest), padded on the right.
            attention_mask: 1 at real tokens.
            labels: `UNTRAINED` where there is no loss.
            num_items_in_batch: answer tokens of the whole optimizer step, by which the sum is divided.
        """
        rows, longest = input_ids.shape
        shape = Shape(rows, longest, attention_mask.flatten().nonzero().squeeze(1))
        inner = self.model.model
        hidden = inner.embed_tokens(input_ids.flatten()[shape.places])
        cosine, sine = inner.rotary_emb(hidden, (shape.places % longest).unsqueeze(0))
        angles = cosine.squeeze(0).unsqueeze(1), sine.squeeze(0).unsqueeze(1)
        for number, layer in enumerate(self.layers):
            if number < self.recomputed and torch.is_grad_enabled():
                hidden = checkpoint(layer.forward, hidden, angles, shape, use_reentrant=False)
            else:
                hidden = layer.forward(hidden, angles, shape)
        following = F.pad(labels[:, 1:], (0, 1), value=UNTRAINED).flatten()[shape.places]
        answers = (following != UNTRAINED).nonzero().squeeze(1)
        loss = self._summed_loss(_normed(hidden[answers], inner.norm), following[answers])
        return {"loss": loss / (len(answers) if num_items_in_batch is None else num_items_in_batch)}

    def _summed_loss(self, hidden: "Tensor", following: "Tensor") -> "Tensor":
        weight = self.model.lm_head.weight
        losses = [
            checkpoint(_cross_entropy, part, weight, tokens, use_reentrant=False)
            for part, tokens in zip(hidden.split(LOGITS_AT_A_TIME), following.split(LOGITS_AT_A_TIME), strict=True)
        ]
        return torch.stack(losses).sum()


def pack(model: "PeftModel") -> Packed:
    """Give the model this module's forward pass; peft still saves and loads the adapter."""
    inner: Any = model.get_base_model()
    torch.backends.cuda.enable_cudnn_sdp(enabled=False)  # it plans anew for every length: 0.3 s a pass of new rows
    packed = Packed(inner, [Layer(layer) for layer in inner.model.layers])
    inner.forward = packed.forward
    return packed


def _cross_entropy(hidden: "Tensor", weight: "Tensor", following: "Tensor") -> "Tensor":
    return F.cross_entropy((hidden @ weight.T).float(), following, reduction="sum")


def _normed(hidden: "Tensor", norm: Any) -> "Tensor":  # noqa: ANN401 - any of transformers' RMS norms
    return F.rms_norm(hidden, norm.weight.shape, norm.weight, norm.variance_epsilon)


def _gated(gate: "Tensor", up: "Tensor") -> "Tensor":
    """silu(gate) * up."""
    if FUSED and gate.is_cuda:
        from liger_kernel.ops import LigerSiLUMulFunction  # type: ignore[import-not-found]

        return LigerSiLUMulFunction.apply(gate, up)
    return _Gate.apply(gate, up)


def _turned(query: "Tensor", key: "Tensor", angles: "tuple[Tensor, Tensor]") -> "tuple[Tensor, Tensor]":
    """Rotary position embedding of (tokens, heads, size)."""
    if FUSED and query.is_cuda:
        from liger_kernel.ops import LigerRopeFunction

        rows = (heads.unsqueeze(0).transpose(1, 2) for heads in (query, key))
        query, key = LigerRopeFunction.apply(*rows, *(angle.transpose(0, 1) for angle in angles))
        return query.transpose(1, 2).squeeze(0), key.transpose(1, 2).squeeze(0)
    cosine, sine = angles
    turned = []
    for heads in (query, key):
        first, second = heads.chunk(2, dim=-1)
        turned.append(heads * cosine + torch.cat((-second, first), dim=-1) * sine)
    return turned[0], turned[1]
