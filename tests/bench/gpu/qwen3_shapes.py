"""config.json of the models whose shapes are measured with random weights."""

QWEN3_8B = """
{"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "torch_dtype": "bfloat16", "hidden_size": 4096,
"num_hidden_layers": 36, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128,
"intermediate_size": 12288, "hidden_act": "silu", "rms_norm_eps": 1e-06, "rope_theta": 1000000, "rope_scaling": null,
"attention_bias": false, "attention_dropout": 0.0, "max_position_embeddings": 40960, "use_sliding_window": false,
"tie_word_embeddings": false, "initializer_range": 0.02, "use_cache": true, "bos_token_id": 151643,
"eos_token_id": 151645, "vocab_size": 151936}
"""
"""config.json of Qwen3-8B."""
QWEN3_30B_A3B = """
{"architectures": ["Qwen3MoeForCausalLM"], "model_type": "qwen3_moe", "torch_dtype": "bfloat16", "hidden_size": 2048,
"num_hidden_layers": 48, "num_attention_heads": 32, "num_key_value_heads": 4, "head_dim": 128, "num_experts": 128,
"num_experts_per_tok": 8, "moe_intermediate_size": 768, "intermediate_size": 6144, "decoder_sparse_step": 1,
"mlp_only_layers": [], "norm_topk_prob": true, "router_aux_loss_coef": 0.001, "output_router_logits": false,
"hidden_act": "silu", "rms_norm_eps": 1e-06, "rope_theta": 10000000, "rope_scaling": null, "attention_bias": false,
"attention_dropout": 0.0, "max_position_embeddings": 262144, "use_sliding_window": false, "tie_word_embeddings": false,
"initializer_range": 0.02, "use_cache": true, "bos_token_id": 151643, "eos_token_id": 151645, "vocab_size": 151936}
"""
"""config.json of Qwen3-30B-A3B (Coder's rope_theta)."""
